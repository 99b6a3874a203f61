package moses

import (
	"bytes"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// cut makes words of the symbols between spaces by rules 7 to 9.
func (s *Splitter) cut() {
	i, end := s.next(0)
	for i < end {
		j, jEnd := s.next(end)
		last := end - 1
		switch {
		case s.code[last] == dot && last > i && !s.keepsDot(i, last, j):
			s.word(i, last)
			s.word(last, end)
		case s.code[last] == apostrophe && last > i && s.code[last-1] == dot && j == jEnd:
			if last-1 > i {
				s.word(i, last-1)
			}
			s.word(last-1, last)
			s.word(last, end)
		default:
			s.word(i, end)
		}
		i, end = j, jEnd
	}
}

// next returns the run of symbols without spaces at or after i; it is empty at the end.
func (s *Splitter) next(i int) (start, end int) {
	for i < len(s.code) && s.code[i] == space {
		i++
	}
	n := bytes.IndexByte(s.code[i:], space)
	if n < 0 {
		return i, len(s.code)
	}
	return i, i + n
}

// keepsDot reports whether the dot after symbols [i, end) belongs to their word, where next is the
// first symbol of the next word.
func (s *Splitter) keepsDot(i, end, next int) bool {
	hasDot, hasAlpha := false, false
	for _, c := range s.code[i:end] {
		hasDot = hasDot || c == dot
		hasAlpha = hasAlpha || is(c, flagAlpha)
	}
	if hasDot && hasAlpha || next < len(s.code) && is(s.code[next], flagLower) {
		return true
	}
	prefix := s.text[s.span[i].Start:s.span[end-1].End]
	if s.deleted {
		prefix = strings.Map(dropDeleted, prefix)
	}
	if numericPrefix(prefix) {
		return next < len(s.code) && '0' <= s.text[s.span[next].Start] && s.text[s.span[next].Start] <= '9'
	}
	return prefixBeforeName(prefix)
}

// word appends the word of symbols [i, end).
func (s *Splitter) word(i, end int) {
	at := schemas.Span{Start: s.span[i].Start, End: s.span[end-1].End}
	if !s.rewritten(i, end) {
		s.words = append(s.words, Word{Text: s.text[at.Start:at.End], Span: at})
		return
	}
	first := len(s.chars)
	if end-i == 1 && s.code[i] != dots {
		text := "@-@"
		if s.code[i] != dash {
			text = escape(s.text[at.Start:at.End])
		}
		s.chars = append(s.chars, Char{Written: len(text), Span: at})
		s.words = append(s.words, Word{Text: text, Span: at, Chars: s.chars[first:len(s.chars):len(s.chars)]})
		return
	}
	start := len(s.written)
	searched := i // no (DOT)+MULTI begins before here
	if !s.dotsMarker {
		searched = end
	}
	for ; i < end; i++ {
		source := s.span[i]
		if i >= searched {
			n, ok := s.dotMultis(i, end)
			searched = i + n
			if ok {
				i += n - 1
				s.written = append(s.written, strings.Repeat(".", (n-len("MULTI"))/len("DOT"))...)
				s.chars = append(
					s.chars,
					Char{Written: len(s.written) - start, Span: schemas.Span{Start: source.Start, End: s.span[i].End}},
				)
				continue
			}
		}
		switch {
		case s.code[i] == dash:
			s.written = append(s.written, "@-@"...)
		case s.code[i] == dots:
			s.written = append(s.written, strings.Map(dropDeleted, s.text[source.Start:source.End])...)
		default:
			s.written = append(s.written, escape(s.text[source.Start:source.End])...)
		}
		s.chars = append(s.chars, Char{Written: len(s.written) - start, Span: source})
	}
	s.late = append(s.late, late{word: len(s.words), start: start, end: len(s.written)})
	s.words = append(s.words, Word{Span: at, Chars: s.chars[first:len(s.chars):len(s.chars)]})
}

// late is a word whose Text is set at the end, so that all share one string.
type late struct{ word, start, end int }

// finish sets the Text of the words that are late.
func (s *Splitter) finish() {
	if len(s.late) == 0 {
		return
	}
	written := string(s.written)
	for _, l := range s.late {
		s.words[l.word].Text = written[l.start:l.end]
	}
}

// rewritten reports whether the form of the symbols may differ from the text.
func (s *Splitter) rewritten(i, end int) bool {
	if s.deleted || s.dotsMarker {
		return true
	}
	for _, c := range s.code[i:end] {
		if c == apostrophe || c == dash || is(c, flagEscaped) {
			return true
		}
	}
	return false
}

// dotMultis returns the number of symbols of (DOT)+MULTI that begins at symbol i, or of DOTs alone
// with ok false.
func (s *Splitter) dotMultis(i, end int) (n int, ok bool) {
	for s.reads(i+n, end, "DOT") {
		n += len("DOT")
	}
	if n > 0 && s.reads(i+n, end, "MULTI") {
		return n + len("MULTI"), true
	}
	return n, false
}

// reads reports whether the symbols from i on spell the ASCII text.
func (s *Splitter) reads(i, end int, text string) bool {
	if i+len(text) > end {
		return false
	}
	for k := range len(text) {
		if s.text[s.span[i+k].Start] != text[k] {
			return false
		}
	}
	return true
}

func dropDeleted(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

// escape returns the character in Moses' form.
func escape(char string) string {
	switch char {
	case "&":
		return "&amp;"
	case "|":
		return "&#124;"
	case "<":
		return "&lt;"
	case ">":
		return "&gt;"
	case "'":
		return "&apos;"
	case `"`:
		return "&quot;"
	case "[":
		return "&#91;"
	case "]":
		return "&#93;"
	}
	return char
}
