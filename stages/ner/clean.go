package ner

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
)

// trim returns r without punctuation at its ends, and without a bracket at an end that has no
// partner inside. It returns an empty range if no letter or digit remains.
func (s *sentence) trim(r model.WordRange) model.WordRange {
	for r.Len() > 0 {
		first, last := s.word(r.Start), s.word(r.End-1)
		span := s.span(r)
		name := s.t.Body[span.Start:span.End]
		open, shut := unbalanced(name)
		switch {
		case isEdge(first, "([{"), open && isOpen(first):
			r.Start++
		case isEdge(last, ")]}+*'%"), shut && isShut(last):
			r.End--
		case isOpen(first) && isShut(last) && wraps(name):
			r.Start++
			r.End--
		case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
			return r
		default:
			return model.WordRange{}
		}
	}
	return model.WordRange{}
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
