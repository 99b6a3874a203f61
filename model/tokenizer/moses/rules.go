package moses

import (
	"bytes"

	"github.com/pubmine/pubmine/schemas"
)

// A rule finds one character with its neighbours and inserts spaces next to it. As in a
// regular-expression substitution, a match consumes its symbols: the next match begins after it.
type rule struct {
	char          byte
	before, after func(s *Splitter,
		i int) bool // condition on the neighbour; nil: the neighbour is neither checked nor consumed
	left, right bool // places of the spaces
}

// splitCommas applies rule 5: ([^N]), then ,([^N]) then ([N]),$ where N is a number.
func (s *Splitter) splitCommas() {
	s.apply(rule{char: comma, before: notNumber, left: true, right: true})
	s.apply(rule{char: comma, after: notNumber, left: true, right: true})
	if n := len(s.code); n >= 2 && s.code[n-1] == comma && is(s.code[n-2], flagNumber) {
		at := s.span[n-1]
		s.code[n-1] = space
		s.push(comma, at)
	}
}

// splitApostrophes applies rule 6.
func (s *Splitter) splitApostrophes() {
	s.apply(rule{char: apostrophe, before: notAlpha, after: notAlpha, left: true, right: true})
	s.apply(rule{char: apostrophe, before: neither, after: alpha, left: true, right: true})
	s.apply(rule{char: apostrophe, before: alpha, after: notAlpha, left: true, right: true})
	s.apply(rule{char: apostrophe, before: alpha, after: alpha, left: true})
	s.apply(rule{char: apostrophe, before: number, after: letterS, left: true})
}

func alpha(s *Splitter, i int) bool     { return is(s.code[i], flagAlpha) }
func notAlpha(s *Splitter, i int) bool  { return !is(s.code[i], flagAlpha) }
func number(s *Splitter, i int) bool    { return is(s.code[i], flagNumber) }
func notNumber(s *Splitter, i int) bool { return !is(s.code[i], flagNumber) }
func neither(s *Splitter, i int) bool   { return !is(s.code[i], flagAlpha|flagNumber) }
func letterS(s *Splitter, i int) bool   { return s.code[i] != space && s.text[s.span[i].Start] == 's' }

// apply rewrites the symbols by the rule.
func (s *Splitter) apply(r rule) {
	code, span := s.code2[:0], s.span2[:0]
	free, copied := 0, 0 // the first symbol that is neither consumed nor copied
	for i := 0; i < len(s.code); i++ {
		n := bytes.IndexByte(s.code[i:], r.char)
		if n < 0 {
			break
		}
		i += n
		if r.before != nil && (i-1 < free || !r.before(s, i-1)) ||
			r.after != nil && (i < free || i+1 >= len(s.code) || !r.after(s, i+1)) {
			continue
		}
		code, span = append(code, s.code[copied:i]...), append(span, s.span[copied:i]...)
		if r.left {
			code, span = append(code, space), append(span, schemas.Span{})
		}
		code, span = append(code, r.char), append(span, s.span[i])
		if r.right {
			code, span = append(code, space), append(span, schemas.Span{})
		}
		copied, free = i+1, i+1
		if r.after != nil {
			free, i = i+2, i+1
		}
	}
	if copied == 0 {
		return
	}
	code, span = append(code, s.code[copied:]...), append(span, s.span[copied:]...)
	s.code, s.code2, s.span, s.span2 = code, s.code, span, s.span
}
