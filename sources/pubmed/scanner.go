package pubmed

import (
	"bytes"
	"fmt"
)

// maxDepth is the maximum depth of nested elements in a record. PubMed's records reach 8, MathML
// about 20.
const maxDepth = 64

// maxAttributes is the maximum number of attributes of one tag. Those of PubMed have up to 4, those
// of MathML about 10.
const maxAttributes = 256

// token is a kind of token.
type token uint8

const (
	none  token = iota // end of the record, or an error
	start              // a start tag: name and attrs are set; an empty element gives start, then end
	end                // an end tag: name is set
	chars              // character data: text is set
)

type attribute struct{ name, value []byte } // value with its references unresolved

// scanner reads the tokens of one record and checks that it is well formed: names, nesting,
// attributes, references, characters. After the first error, next always returns none, and fault is
// the error.
type scanner struct {
	src   []byte
	pos   int
	fault *fault

	open    [][]byte // the names of the open elements, outermost first
	name    []byte
	attrs   []attribute
	text    []byte
	literal bool // text is a CDATA section, without references
	empty   bool // the current start tag is <x/>: its end comes next
	rooted  bool // the outermost element was seen
	cdEnds  bool // "]]>" occurs somewhere: check every text for it
}

// fault is the error of a record: a kind, and a line for people.
type fault struct{ kind, message string }

func (s *scanner) fail(kind, format string, args ...any) token {
	if s.fault == nil {
		s.fault = &fault{kind, fmt.Sprintf(format, args...) + fmt.Sprintf(" (byte %d of the record)", s.pos)}
	}
	return none
}

func (s *scanner) malformed(format string, args ...any) token {
	return s.fail(kindMalformed, format, args...)
}

// reset begins a record.
func (s *scanner) reset(src []byte) {
	*s = scanner{src: src, open: s.open[:0], attrs: s.attrs[:0]}
	s.cdEnds = bytes.Contains(src, []byte("]]>"))
	if at := badChar(src); at >= 0 {
		s.pos = at
		s.malformed("a byte or character that XML does not allow")
	}
}

// next reads the next token. It skips comments and processing instructions.
func (s *scanner) next() token {
	if s.fault != nil {
		return none
	}
	if s.empty {
		s.empty = false
		s.open = s.open[:len(s.open)-1]
		return end
	}
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		switch {
		case rest[0] != '<':
			if s.charData(rest) || s.fault != nil {
				return s.given(chars)
			}
		case len(rest) > 1 && rest[1] == '/':
			return s.endTag()
		case bytes.HasPrefix(rest, []byte("<!--")):
			s.comment(rest)
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			return s.cdata(rest)
		case bytes.HasPrefix(rest, []byte("<?")):
			s.pass(rest, 2, "?>", "a processing instruction")
		case bytes.HasPrefix(rest, []byte("<!")):
			return s.malformed("a declaration inside a record")
		default:
			return s.startTag()
		}
		if s.fault != nil {
			return none
		}
	}
	if len(s.open) > 0 {
		return s.malformed("the record ends inside <%s>", s.open[len(s.open)-1])
	}
	return none
}

// given returns the token, or none after an error.
func (s *scanner) given(t token) token {
	if s.fault != nil {
		return none
	}
	return t
}

// charData reads the text up to the next tag. It returns false for white space around the outermost
// element.
func (s *scanner) charData(rest []byte) bool {
	n := bytes.IndexByte(rest, '<')
	if n < 0 {
		n = len(rest)
	}
	s.text, s.literal = rest[:n], false
	if len(s.open) == 0 {
		if len(bytes.Trim(s.text, xmlSpace)) > 0 {
			s.malformed("text outside the outermost element")
		}
		s.pos += n
		return false
	}
	if s.cdEnds && bytes.Contains(s.text, []byte("]]>")) {
		s.malformed("]]> in text")
	}
	s.references(s.text)
	s.pos += n
	return true
}

// references checks every reference in b.
func (s *scanner) references(b []byte) {
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return
		}
		b = b[i:]
		_, n := reference(b)
		if n == 0 {
			s.malformed("%q is no character or predefined entity", b[:min(len(b), 12)])
			return
		}
		b = b[n:]
	}
}

func (s *scanner) comment(rest []byte) {
	if n := bytes.Index(rest[4:], []byte("--")); n >= 0 && !bytes.HasPrefix(rest[4+n:], []byte("-->")) {
		s.malformed("-- inside a comment")
		return
	}
	s.pass(rest, 4, "-->", "a comment")
}

func (s *scanner) cdata(rest []byte) token {
	if len(s.open) == 0 {
		return s.malformed("text outside the outermost element")
	}
	const open = len("<![CDATA[")
	from := s.pos + open
	if s.pass(rest, open, "]]>", "a CDATA section"); s.fault != nil {
		return none
	}
	s.text, s.literal = s.src[from:s.pos-len("]]>")], true
	return chars
}

// pass moves past the next closing mark.
func (s *scanner) pass(rest []byte, from int, closing, name string) {
	n := bytes.Index(rest[from:], []byte(closing))
	if n < 0 {
		s.malformed("%s is not closed", name)
		return
	}
	s.pos += from + n + len(closing)
}

func (s *scanner) endTag() token {
	s.pos += 2
	if depth := len(s.open); depth > 0 && s.closes(s.open[depth-1]) {
		s.name, s.open = s.open[depth-1], s.open[:depth-1]
		return end
	}
	s.name = s.scanName()
	s.space()
	switch depth := len(s.open); {
	case len(s.name) == 0 || !s.at(">"):
		return s.malformed("a broken end tag")
	case depth == 0:
		return s.malformed("</%s> closes nothing", s.name)
	case !bytes.Equal(s.open[depth-1], s.name):
		return s.malformed("</%s> where </%s> is due", s.name, s.open[depth-1])
	}
	s.open = s.open[:len(s.open)-1]
	return end
}

// closes reads the rest of an end tag if it is name and '>', as in nearly all end tags.
func (s *scanner) closes(name []byte) bool {
	n := len(name)
	if rest := s.src[s.pos:]; len(rest) <= n || rest[n] != '>' || !bytes.Equal(rest[:n], name) {
		return false
	}
	s.pos += n + 1
	return true
}

func (s *scanner) startTag() token {
	s.pos++
	s.name = s.scanName()
	switch {
	case len(s.name) == 0:
		return s.malformed("< that opens no tag")
	case len(s.open) == 0 && s.rooted:
		return s.malformed("a second outermost element <%s>", s.name)
	case len(s.open) >= maxDepth:
		return s.fail(kindTooDeep, "elements nested more than %d deep", maxDepth)
	}
	s.rooted = true
	s.attrs = s.attrs[:0]
	for {
		gap := s.space()
		switch {
		case s.at(">"):
			s.open = append(s.open, s.name)
			return start
		case s.at("/>"):
			s.open, s.empty = append(s.open, s.name), true
			return start
		case len(s.attrs) == maxAttributes:
			return s.fail(kindTooManyAttributes, "<%.40s has more than %d attributes", s.name, maxAttributes)
		case !gap || !s.attribute():
			return s.malformed("a broken tag <%s", s.name)
		}
	}
}

// attribute reads one name="value".
func (s *scanner) attribute() bool {
	a := attribute{name: s.scanName()}
	s.space()
	if len(a.name) == 0 || !s.at("=") {
		return false
	}
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '"' && s.src[s.pos] != '\'' {
		return false
	}
	n := bytes.IndexByte(s.src[s.pos+1:], s.src[s.pos])
	if n < 0 {
		return false
	}
	a.value = s.src[s.pos+1 : s.pos+1+n]
	s.references(a.value)
	for _, other := range s.attrs {
		if bytes.Equal(other.name, a.name) {
			return false
		}
	}
	s.pos += n + 2
	s.attrs = append(s.attrs, a)
	return bytes.IndexByte(a.value, '<') < 0
}

// at reads the mark if it is next.
func (s *scanner) at(mark string) bool {
	if len(s.src)-s.pos < len(mark) || string(s.src[s.pos:s.pos+len(mark)]) != mark {
		return false
	}
	s.pos += len(mark)
	return true
}

func (s *scanner) space() bool {
	from := s.pos
	for s.pos < len(s.src) && isXMLSpace(s.src[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

func (s *scanner) scanName() []byte {
	n := nameLen(s.src[s.pos:])
	s.pos += n
	return s.src[s.pos-n : s.pos]
}
