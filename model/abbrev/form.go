package abbrev

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// form is a text that may end with a long form.
type form struct {
	signs  []sign
	words  []float64 // cost of skipping all words before each word, and before the end
	commas []float64 // the same for the commas before each word
	depth  int       // number of open brackets at the end
}

// sign is a letter or digit of a form.
type sign struct {
	r     rune // in lower case
	digit rune // the digit that the number word here may be written as, or 0: "two-dimensional" is 2D
	place place
	word  int
	from  int // start of its word, in bytes
	depth int // number of open brackets here
}

// place is the position of a sign in its word.
type place uint8

const (
	inner place = iota
	beginsPart
	beginsWord // also after the locants of a chemical: the d of "2,6-diaminopurine"
)

func readForm(text string) form {
	var f form
	passed, commas := 0.0, 0.0
	for _, w := range strings.Fields(text) {
		f.words, f.commas = append(f.words, passed), append(f.commas, commas)
		if isSmall(w) {
			passed += costSmall
		} else {
			passed += costWord
		}
		if strings.ContainsAny(w[len(w)-1:], ",;:") {
			commas += costComma
		}
	}
	f.words = append(f.words, passed)
	word, from, previous := -1, 0, ' '
	for at, r := range text {
		if unicode.IsSpace(previous) && !unicode.IsSpace(r) {
			word, from = word+1, at
		}
		switch {
		case r == '(' || r == '[':
			f.depth++
		case r == ')' || r == ']':
			f.depth--
		case isAlnum(r):
			s := sign{r: unicode.ToLower(r), place: placeOf(previous, r), word: word, from: from, depth: f.depth}
			if s.place == beginsPart && !isAlnum(previous) && locants(text[from:at]) {
				s.place = beginsWord
			}
			if s.place != inner {
				s.digit = digitOf(text[at:])
			}
			f.signs = append(f.signs, s)
		}
		previous = r
	}
	return f
}

// first reports whether a long form can begin with the sign, or, if whole is set, all of the text
// be one that does.
func (f *form) first(s sign, whole bool) bool {
	return s.place == beginsWord && s.depth == f.depth && (!whole || s.word == 0)
}

// placeOf returns the place of r after the previous character.
func placeOf(previous, r rune) place {
	switch {
	case unicode.IsSpace(previous):
		return beginsWord
	case !isAlnum(previous),
		unicode.IsDigit(r) != unicode.IsDigit(previous),
		unicode.IsUpper(r) && unicode.IsLower(previous):
		return beginsPart
	}
	return inner
}

// locants reports whether the text consists of what precedes the name of a chemical:
// "2,6-", "N-", "17-beta-".
func locants(text string) bool {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isAlnum(r) }) {
		switch strings.ToLower(part) {
		case "alpha", "beta", "gamma", "delta", "bis", "cis", "trans", "tert":
		default:
			if utf8.RuneCountInString(strings.Trim(part, "0123456789")) > 1 {
				return false
			}
		}
	}
	return true
}

// digitOf returns the digit of the number word at the start of the text, or 0.
func digitOf(text string) rune {
	for i, number := range [...]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine"} {
		if len(text) >= len(number) && strings.EqualFold(text[:len(number)], number) {
			return '1' + rune(i)
		}
	}
	return 0
}

// isSmall reports whether authors often leave the word out of a short form.
func isSmall(word string) bool {
	switch strings.ToLower(word) {
	case "a", "an", "and", "as", "at", "by", "de", "for", "from", "in", "of", "on", "or", "the", "to", "via",
		"with", "&":
		return true
	}
	return false
}

func isAlnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
