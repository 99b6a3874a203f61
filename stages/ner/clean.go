package ner

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// clean returns the span of the words without punctuation at its ends, and without a bracket at an
// end that has no partner inside. It reports false if no letter or digit remains.
func clean(body string, words []model.Word) (schemas.Span, bool) {
	for len(words) > 0 {
		span := schemas.Span{Start: words[0].Start, End: words[len(words)-1].End}
		name := body[span.Start:span.End]
		first, last := text(body, words[0]), text(body, words[len(words)-1])
		open, shut := unbalanced(name)
		switch {
		case isEdge(first, "([{"), open && isOpen(first):
			words = words[1:]
		case isEdge(last, ")]}+*'%"), shut && isShut(last):
			words = words[:len(words)-1]
		case isOpen(first) && isShut(last) && wraps(name):
			words = words[1 : len(words)-1]
		default:
			return span, strings.ContainsFunc(
				name, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) },
			)
		}
	}
	return schemas.Span{}, false
}

// isEdge reports whether a word is a punctuation mark with which no name begins or ends. Those in
// kept are allowed.
func isEdge(word, kept string) bool {
	r, size := utf8.DecodeRuneInString(word)
	if size != len(word) || strings.ContainsRune(kept, r) {
		return false
	}
	return unicode.IsPunct(r) || unicode.IsSpace(r)
}

func isOpen(word string) bool { return len(word) == 1 && strings.Contains("([{", word) }
func isShut(word string) bool { return len(word) == 1 && strings.Contains(")]}", word) }

// unbalanced reports whether s has an opening bracket without a closing one, and the reverse.
func unbalanced(s string) (open, shut bool) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				shut = true
			} else {
				depth--
			}
		}
	}
	return depth > 0, shut
}

// wraps reports whether the last byte of s closes the bracket that is its first.
func wraps(s string) bool {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth == 0 {
			return i == len(s)-1
		}
	}
	return false
}

func text(body string, w model.Word) string { return body[w.Start:w.End] }
