package tokenizer_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model/tokenizer"
)

// checkSpans checks that the tokens' spans are in order, inside the text, and cover every character that they must once.
func checkSpans(t testing.TB, tok *tokenizer.Tokenizer, text string) {
	t.Helper()
	const offset = 7
	at := 0
	covered := make([]bool, len(text))
	for _, token := range tok.Append(nil, text, offset) {
		start, end := token.Start-offset, token.End-offset
		if start < at || end < start || end > len(text) {
			t.Fatalf("%q: span [%d, %d) after %d", text, start, end, at)
		}
		for i := start; i < end; i++ {
			covered[i] = true
		}
		at = end
	}
	for i, r := range text {
		_, width := utf8.DecodeRuneInString(text[i:])
		for k := range width {
			if !covered[i+k] && !unicode.IsSpace(r) && r >= ' ' {
				t.Fatalf("%q: byte %d (%q) is in no token", text, i+k, r)
			}
		}
	}
}
