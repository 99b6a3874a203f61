package abbrev

import (
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
)

// Expansion is a short form and the long form that explains it, in words of the text.
type Expansion struct{ Short, Long model.WordRange }

// SchwartzHearst finds abbreviations by the published rule (see the package documentation), in the
// words of a text.
func SchwartzHearst(t *model.Text) []Expansion {
	var found []Expansion
	for i := 1; i+2 < len(t.Words); i++ {
		if t.Word(i) != "(" {
			continue
		}
		short := model.WordRange{Start: i + 1, End: i + 1}
		for short.End < len(t.Words) && short.Len() < 5 && t.Words[short.End].Sentence == t.Words[i].Sentence {
			if b := t.Word(short.End); b == ")" || b == ";" || b == "," {
				break
			}
			short.End++
		}
		if short.End == len(t.Words) || short.End == short.Start || !isPublishedShort(t.Slice(short)) {
			continue
		}
		if long, ok := publishedLong(t, short, i); ok {
			found = append(found, Expansion{short, long})
		}
	}
	return found
}

// isPublishedShort reports whether s can be a short form: 2 to 10 bytes without a space, of which
// the first is a letter or digit, one is a letter, and not all are letters in lower case.
func isPublishedShort(s string) bool {
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
	return letter && other && isAlnum(first)
}

// publishedLong returns the words before the bracket at word i that are the long form.
func publishedLong(t *model.Text, short model.WordRange, i int) (model.WordRange, bool) {
	s := t.Slice(short)
	first := i // of the words that are searched: at most as many as the short form can need
	for n := 0; first > 0 && n < min(len(s)+5, 2*len(s))+2 && t.Words[first-1].Sentence == t.Words[i].Sentence; n++ {
		first--
	}
	low, at := t.Words[first].Start, t.Words[i-1].End
	for rest := s; rest != ""; {
		r, size := utf8.DecodeLastRuneInString(rest)
		rest = rest[:len(rest)-size]
		if !isAlnum(r) {
			continue
		}
		r = unicode.ToLower(r)
		for {
			if at <= low {
				return model.WordRange{}, false
			}
			c, n := utf8.DecodeLastRuneInString(t.Body[low:at])
			at -= n
			if unicode.ToLower(c) == r && (rest != "" || atWordStart(t.Body[low:at])) {
				break
			}
		}
	}
	long := model.WordRange{Start: first, End: i}
	for long.Start < i && t.Words[long.Start].Start < at {
		long.Start++
	}
	if long.Start == i || t.Words[long.Start].Start != at || t.Words[i-1].End-at <= len(s) {
		return model.WordRange{}, false
	}
	return long, true
}

// atWordStart reports whether a word can begin after before.
func atWordStart(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !isAlnum(r)
}
