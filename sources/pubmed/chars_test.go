package pubmed

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// badChar finds the first character that a look at each would find.
func TestBadChar(t *testing.T) {
	alphabet := []string{
		"a", " ", "\n", "\t", "\x01", "\x1f", "\x7f", "é", "\uFFFD", "\uFFFE", "\xff", "\xc3", "abcdefgh",
		"        ",
	}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 12).Draw(t, "pieces"), "")
		legal := true
		for i, r := range s {
			_, n := utf8.DecodeRuneInString(s[i:])
			legal = legal && (r >= ' ' || strings.ContainsRune(xmlSpace, r)) && r != 0xFFFE && r != 0xFFFF &&
				!(r == utf8.RuneError && n == 1)
		}
		if at := badChar([]byte(s)); (at < 0) != legal || at >= len(s) {
			t.Fatalf("%q: bad at %d", s, at)
		}
	})
}

// Text is gathered as a look at each character would gather it.
func TestTextBuffer(t *testing.T) {
	alphabet := []string{"a", "bc", " ", "  ", "\n", "\u00a0", "\u2009", "é", "&lt;", "&#x20;", "&#233;"}
	resolve := strings.NewReplacer("&lt;", "<", "&#x20;", " ", "&#233;", "é")
	rapid.Check(t, func(t *rapid.T) {
		var b textBuffer
		var all string
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			part := strings.Join(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 8).Draw(t, "pieces"), "")
			b.add([]byte(part), false)
			all += resolve.Replace(part)
		}
		if want := strings.Join(strings.Fields(all), " "); string(b.b) != want {
			t.Fatalf("%q gives %q, not %q", all, b.b, want)
		}
	})
}
