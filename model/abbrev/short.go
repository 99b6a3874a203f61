package abbrev

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestLong is the maximum size of a long form and the text around it, in bytes.
const longestLong = 300

// The maximum numbers of letters and digits of a short form, and of one in lower case.
const (
	longestShort = 10
	longestLower = 4
)

// isShort reports whether the text can be a short form: a letter in it, a letter or digit first (or
// all of it in square brackets), and, unless it is no longer than a unit or a gene in lower case
// ("bpm", "dppe"), a capital or a digit.
func isShort(text string) bool {
	letters, signs, telling := 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letters++
			signs++
			if unicode.IsUpper(r) {
				telling++
			}
		case unicode.IsDigit(r):
			signs++
		case strings.ContainsRune("=<>%±≤≥", r):
			return false
		}
	}
	if first, _ := utf8.DecodeRuneInString(text); !isAlnum(first) && !(first == '[' && strings.HasSuffix(text, "]")) ||
		strings.HasSuffix(text, "-") ||
		letters == 0 ||
		signs > longestShort {
		return false
	}
	switch strings.Count(text, " ") {
	case 0:
		return telling > 0 || 2 <= signs && signs <= longestLower
	case 1:
		return telling > 0
	}
	return false
}
