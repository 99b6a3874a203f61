package sentence

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// citation matches a reference printed after the dot, and the beginning of the next sentence.
var citation = regexp.MustCompile(
	`^(?:\(\d+(?:[-–,]\s?\d+)*\)|\[\d+(?:[-–,]\s?\d+)*\]|\d{1,3}(?:[-–,]\d{1,3})*)\s+[(\["“]?\p{Lu}`,
)

// forgotten matches the beginning of a sentence in running text: a word with a capital, and a word
// without.
var forgotten = regexp.MustCompile(`^\p{Lu}\p{Ll}*(?:'s)?,?\s+(?:\p{Ll}|[A-Z0-9]+-)`)

// endWithoutSpace returns where the sentence ends if no white space follows the mark and its
// closing brackets and quotation marks, which end at end, or 0 if it continues.
func (c candidate) endWithoutSpace(end int) int {
	next := c.text[end:]
	if strings.HasPrefix(next, "(ABSTRACT TRUNCATED") {
		return end
	}
	word := strings.ToLower(firstWord(next))
	surely := len(word) > 1 && list().has("starters", word) && c.afterLetter()
	if !surely && !c.afterWord() {
		return 0
	}
	if m := citation.FindString(next); m != "" && end == c.mark+1 {
		end += strings.LastIndexFunc(m, unicode.IsSpace)
	} else if !forgotten.MatchString(next) || utf8.RuneCountInString(word) == 1 && word != "a" {
		return 0
	}
	if word, _ := c.before(); list().has("never", strings.ToLower(word)) ||
		list().has("seldom", strings.ToLower(word)) {
		return 0
	}
	return end
}

// afterLetter reports whether the mark follows a letter or a digit.
func (c candidate) afterLetter() bool {
	r, _ := utf8.DecodeLastRuneInString(c.text[c.start:c.mark])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// afterWord reports whether the mark follows three lower-case letters or a closing bracket.
func (c candidate) afterWord() bool {
	before := c.text[c.start:c.mark]
	if strings.HasSuffix(before, ")") || strings.HasSuffix(before, "]") {
		return true
	}
	for range 3 {
		r, width := utf8.DecodeLastRuneInString(before)
		if !unicode.IsLower(r) {
			return false
		}
		before = before[:len(before)-width]
	}
	return true
}
