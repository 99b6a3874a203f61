package features

import (
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
)

// expansion is an abbreviation that the text explains: "myocardial infarction (MI)".
type expansion struct{ short, long span } // words

// expansions finds explained abbreviations by the method of Schwartz and Hearst, 2003, "A simple
// algorithm for identifying abbreviation definitions in biomedical text": a short form in brackets,
// whose letters all occur in order, from the right, in the words before the bracket, the first of
// them at the beginning of a word.
func expansions(t *model.Text) []expansion {
	var found []expansion
	for i := 1; i+2 < len(t.Words); i++ {
		if body(t, i) != "(" {
			continue
		}
		short := span{i + 1, i + 1}
		for short.end < len(t.Words) && short.end-short.start < 5 && t.Words[short.end].Sentence == t.Words[i].Sentence {
			if b := body(t, short.end); b == ")" || b == ";" || b == "," {
				break
			}
			short.end++
		}
		if short.end == len(t.Words) || short.end == short.start || !isShort(glue(t, short)) {
			continue
		}
		if long, ok := longForm(t, short, i); ok {
			found = append(found, expansion{short, long})
		}
	}
	return found
}

// isShort reports whether s can be an abbreviation: 2 to 10 bytes, no space, a letter first or a
// digit, a letter somewhere, and not just a word in lower case.
func isShort(s string) bool {
	if len(s) < 2 || len(s) > 10 {
		return false
	}
	letter, other := false, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			return false
		case unicode.IsLower(r):
			letter = true
		case unicode.IsLetter(r):
			letter, other = true, true
		case unicode.IsDigit(r):
			other = true
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	return letter && other && (unicode.IsLetter(first) || unicode.IsDigit(first))
}

// longForm finds the words before the bracket at word i that the short form stands for.
func longForm(t *model.Text, short span, i int) (span, bool) {
	s := glue(t, short)
	first := i // the words that are looked at: no more than the short form could need
	for n := 0; first > 0 && n < min(len(s)+5, 2*len(s))+2 && t.Words[first-1].Sentence == t.Words[i].Sentence; n++ {
		first--
	}
	low, at := t.Words[first].Start, t.Words[i-1].End
	for rest := s; rest != ""; {
		r, size := utf8.DecodeLastRuneInString(rest)
		rest = rest[:len(rest)-size]
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		r = unicode.ToLower(r)
		for {
			if at <= low {
				return span{}, false
			}
			c, n := utf8.DecodeLastRuneInString(t.Body[low:at])
			at -= n
			if unicode.ToLower(c) == r && (rest != "" || beginsWord(t.Body[low:at])) {
				break
			}
		}
	}
	long := span{first, i}
	for long.start < i && t.Words[long.start].Start < at {
		long.start++
	}
	if long.start == i || t.Words[long.start].Start != at || t.Words[i-1].End-at <= len(s) {
		return span{}, false
	}
	return long, true
}

// beginsWord reports whether a word can begin after before.
func beginsWord(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// abbreviations marks the words of every occurrence of each short form, and of the long form where
// it is explained.
func (w *Words) abbreviations() {
	for k, e := range w.short {
		for i := e.long.start; i < e.long.end; i++ {
			w.words[i].expanded = int16(1 + i - e.long.start)
		}
		s, n := glue(w.text, e.short), e.short.end-e.short.start
		for i := 0; i+n <= len(w.words); i++ {
			if w.words[i].form != w.words[e.short.start].form || glue(w.text, span{i, i + n}) != s {
				continue
			}
			for j := range n {
				w.words[i+j].expansion, w.words[i+j].place = int16(k+1), int16(j)
			}
		}
	}
}

func body(t *model.Text, i int) string { return t.Body[t.Words[i].Start:t.Words[i].End] }

// glue returns the text from the first to the last word of s.
func glue(t *model.Text, s span) string { return t.Body[t.Words[s.start].Start:t.Words[s.end-1].End] }
