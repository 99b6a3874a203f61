package eutils

import (
	"bytes"
	"regexp"
)

// secret finds a key in texts. The zero value is no key.
type secret struct{ pattern *regexp.Regexp }

func newSecret(key string) secret {
	return secret{regexp.MustCompile(`(?i)` + regexp.QuoteMeta(key))}
}

const inPlaceOfKey = "[key]"

// remove returns the text without the key.
func (s secret) remove(text []byte) []byte {
	if s.pattern == nil {
		return text
	}
	return s.pattern.ReplaceAllLiteral(text, []byte(inPlaceOfKey))
}

// scrub returns a text as one line, without the key.
func (s secret) scrub(text string) string {
	return string(bytes.Join(bytes.Fields(s.remove([]byte(text))), []byte(" ")))
}
