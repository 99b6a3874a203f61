package eutils

import (
	"bytes"
	"regexp"
)

// secret finds a key in what others say. The zero value is no key.
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

// scrub returns one line for a person, without the key.
func (s secret) scrub(text string) string {
	return string(bytes.Join(bytes.Fields(s.remove([]byte(text))), []byte(" ")))
}
