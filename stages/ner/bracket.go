package ner

import (
	"strings"

	"github.com/pubmine/pubmine/model"
)

// balance returns a range without half a pair of brackets or quotation marks, or an empty range. It
// extends a mention that leaves the other half outside, where annotators do (extend). Of other
// mentions the part before the odd mark remains, or that after it if the first has no letter or
// digit. r is trimmed, and so is the result.
func (s *sentence) balance(r model.WordRange) model.WordRange {
	odd, opens := s.odd(r)
	if odd < 0 {
		return r
	}
	if wide := s.trim(s.extend(r, odd, opens)); wide.Len() > 0 && s.isBalanced(wide) {
		return wide
	}
	for odd >= 0 {
		part := s.trim(model.WordRange{Start: r.Start, End: odd})
		if part.Len() == 0 {
			part = s.trim(model.WordRange{Start: odd + 1, End: r.End})
		}
		r = part
		odd, _ = s.odd(r)
	}
	return r
}

func (s *sentence) isBalanced(r model.WordRange) bool {
	odd, _ := s.odd(r)
	return odd < 0
}

// odd returns the first word of r that is half a pair of brackets or quotation marks, and whether
// it opens one; -1 if there is none.
func (s *sentence) odd(r model.WordRange) (at int, opens bool) {
	var open []int
	quote := -1 // the straight quotation mark that is open
	for i := r.Start; i < r.End; i++ {
		word := s.word(i)
		switch {
		case word == `"` && quote < 0:
			quote = i
		case word == `"`:
			quote = -1
		case closing(word) != "":
			open = append(open, i)
		case isClosing(word):
			if len(open) == 0 || closing(s.word(open[len(open)-1])) != word {
				return i, false
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[0], true
	}
	return quote, true
}

// extend returns the balanced range around r that annotators mark, or an empty one:
//
//   - "PTH(1-34" to "PTH(1-34)": the other half follows without a space, and none is before odd.
//     Of "DAT(-/-)" the part in brackets is no name.
//   - "2R,4R)-APDC" to "(2R,4R)-APDC": it is before r without a space.
//   - "AV) block" to "atrioventricular (AV) block": the same, and the text explains AV there.
func (s *sentence) extend(r model.WordRange, odd int, opens bool) model.WordRange {
	if opens && !s.spaceBefore(odd) && s.trim(model.WordRange{Start: odd + 1, End: r.End}).Len() > 0 {
		for r.End < s.End && !s.spaceBefore(r.End) {
			r.End++
			if s.isBalanced(r) {
				return r
			}
		}
	}
	for !opens && !s.spaceBefore(r.Start) {
		r.Start--
		if s.isBalanced(r) {
			r.Start = s.longForm(r.Start, odd)
			return r
		}
	}
	return model.WordRange{}
}

// longForm returns the first word of the long form before the brackets open and shut, if the text
// explains the words between them there, and open otherwise.
func (s *sentence) longForm(open, shut int) int {
	first := open
	for _, p := range s.pairs {
		if p.Short.Start != s.t.Words[open].End || p.Short.End != s.t.Words[shut].Start {
			continue
		}
		for first > s.Start && s.t.Words[first-1].Start >= p.Long.Start {
			first--
		}
	}
	return first
}

// spaceBefore reports whether there is a space before a word, or the sentence begins with it.
func (s *sentence) spaceBefore(i int) bool {
	return i == s.Start || s.t.Words[i-1].End < s.t.Words[i].Start
}

// closing returns the other half of a word that opens a pair, or nothing.
func closing(word string) string {
	switch word {
	case "(":
		return ")"
	case "[":
		return "]"
	case "{":
		return "}"
	case "“":
		return "”"
	case "«":
		return "»"
	}
	return ""
}

func isClosing(word string) bool { return word != "" && strings.Contains(")]}”»", word) }
