package schemas

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCodePoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z ]*`)).Draw(t, "text")
		points := newCodePoints(text)
		for i := -1; i <= len(text)+1; i++ {
			want := int32(-1)
			if i == len(text) || i >= 0 && i < len(text) && utf8.RuneStart(text[i]) {
				want = int32(utf8.RuneCountInString(text[:i]))
			}
			if got := points.at(i); got != want {
				t.Fatalf("byte %d of %q: %d, want %d", i, text, got, want)
			}
		}
	})
}

func BenchmarkCodePoints(b *testing.B) {
	for name, text := range map[string]string{"ascii": longText("a"), "greek": longText("α")} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				newCodePoints(text)
			}
		})
	}
}

func longText(s string) string {
	for len(s) < 2000 {
		s += s
	}
	return s
}
