package pubmed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrNotPubMed means that an input is readable but is not PubMed XML.
var ErrNotPubMed = errors.New("not PubMed XML")

// sets are the roots with records, and the names of their children.
var sets = map[string][]string{
	"PubmedArticleSet":     {"PubmedArticle", "PubmedBookArticle", "DeleteCitation"},
	"PubmedBookArticleSet": {"PubmedBookArticle"},
	"MedlineCitationSet":   {"MedlineCitation", "DeleteCitation"},
	"BookDocumentSet":      {"BookDocument", "DeleteDocument"},
}

// bare are the roots that are records themselves.
var bare = []string{"PubmedArticle", "PubmedBookArticle", "MedlineCitation", "BookDocument"}

// piece is a record, or content in the place of a record.
type piece struct {
	name string // "PubmedArticle", "DeleteCitation", …; empty for junk
	raw  []byte // valid until the next call; only the beginning if the record is too large
	over bool   // the record is too large
	most int    // the maximum size
}

// splitter divides a stream of XML into records by their tags. It does not check the content of
// records, so that a broken record does not affect the others: a record ends at its end tag, before
// the beginning of the next one, or at the end tag of the root.
type splitter struct {
	window
	root    string
	records []string // allowed children of the root
	last    bool     // only the end of the file may follow
}

// headRoom is the number of bytes of an oversized record that are kept, to find its PMID.
const headRoom = 4 << 10

// newSplitter reads up to the first record. An error means that the input is not PubMed XML.
func newSplitter(r io.Reader, maxRecord int) (*splitter, error) {
	s := &splitter{window: window{r: r, most: maxRecord, searched: map[string]int{}}}
	if err := s.prolog(); err != nil {
		return nil, err
	}
	if slices.Contains(bare, s.root) {
		s.records = []string{s.root}
		return s, nil
	}
	if s.records = sets[s.root]; s.records == nil {
		return nil, fmt.Errorf("%w (root element <%s>)", ErrNotPubMed, s.root)
	}
	complete, empty := s.passTag()
	if !complete {
		return nil, s.cut("inside the tag <" + s.root)
	}
	s.last = empty
	return s, nil
}

// prolog reads up to the root, and its name.
func (s *splitter) prolog() error {
	for {
		junk, found := s.passText()
		b := s.look(maxName)
		switch {
		case s.err != nil:
			return s.err
		case junk != "":
			return fmt.Errorf("%w (it begins with %q)", ErrNotPubMed, junk)
		case !found:
			return errors.New("empty file, or no element in it")
		case bytes.HasPrefix(b, []byte("<!DOCTYPE")):
			if !s.passDoctype() {
				return s.cut("inside the DOCTYPE")
			}
			continue
		}
		if passed, complete := s.passMarkup(); passed {
			if !complete {
				return s.cut("before the first element")
			}
			continue
		}
		if s.root = string(b[1 : 1+nameLen(b[1:])]); s.root == "" {
			return fmt.Errorf("%w (it begins with %q)", ErrNotPubMed, b)
		}
		return nil
	}
}

// next returns the next piece, io.EOF after the last, or an error of the file as a complete.
func (s *splitter) next() (piece, error) {
	if s.last {
		return piece{}, s.epilog()
	}
	var junk string
	for {
		text, found := s.passText()
		if len(junk) < headRoom {
			junk += text
		}
		if s.err != nil {
			return piece{}, s.err
		}
		if !found {
			return piece{}, s.cut("before </" + s.root + ">")
		}
		b := s.look(maxName)
		closes := bytes.HasPrefix(b, []byte("</")) && isName(b[2:], s.root)
		name := s.recordName(b)
		if junk != "" && (closes || name != "") {
			return piece{raw: []byte(junk)}, nil
		}
		switch {
		case closes:
			s.last = true
			if complete, _ := s.passTag(); !complete {
				return piece{}, s.cut("inside </" + s.root)
			}
			return piece{}, s.epilog()
		case name != "":
			return s.record(name)
		}
		if passed, complete := s.passMarkup(); !passed {
			if len(junk) < headRoom {
				junk += "<"
			}
			s.pos++
		} else if !complete {
			return piece{}, s.cut("inside a comment")
		}
	}
}

// record returns the record that begins here.
func (s *splitter) record(name string) (piece, error) {
	s.keep()
	p := piece{name: name, most: s.most}
	s.last = s.root == name
	if complete, empty := s.passTag(); empty {
		p.raw = s.kept()
		return p, nil
	} else if !complete {
		s.pos++
	}
	for {
		found := s.tag()
		if s.full || len(s.kept()) > s.most {
			p.over, p.raw = true, bytes.Clone(s.kept()[:min(headRoom, len(s.kept()))])
			s.keep()
			continue
		}
		if p.over {
			s.keep()
		}
		if s.err != nil {
			return p, s.err
		}
		if !found {
			return p, s.cut("inside a record, before </" + name + ">")
		}
		if s.passes(name) {
			s.pos++
			continue
		}
		if s.ends(name) {
			if !p.over {
				p.raw = s.kept()
			}
			return p, nil
		}
	}
}

// passes reports whether the current tag certainly does not concern ends, as nearly all do not. It
// is a shortcut.
func (s *splitter) passes(name string) bool {
	b := s.buf[s.pos:]
	if len(b) < 3 {
		return false
	}
	switch b[1] {
	case '/':
		return b[2] != name[0] && b[2] != s.root[0]
	case 'P', 'M', 'B', 'D', '!', '?':
		return false
	}
	return true
}

// ends reports whether the record ends at the current tag. It moves past the tag if it is part of
// the record.
func (s *splitter) ends(name string) bool {
	b := s.look(maxName)
	if len(b) < 2 {
		s.pos++
		return false
	}
	switch b[1] {
	case '/':
		if isName(b[2:], name) {
			complete, _ := s.passTag()
			if !complete {
				s.pos++
			}
			return complete
		}
		if isName(b[2:], s.root) {
			return true // the record was never closed
		}
	case 'P', 'M', 'B', 'D':
		if s.recordName(b) != "" {
			return true // the record was never closed
		}
	case '!', '?':
		if passed, complete := s.passMarkup(); passed && complete {
			return false
		}
	}
	s.pos++
	return false
}

// recordName returns the name of the record that begins with the tag b, or "".
func (s *splitter) recordName(b []byte) string {
	for _, name := range s.records {
		if len(b) > 1 && isName(b[1:], name) {
			return name
		}
	}
	return ""
}

// epilog checks that nothing follows the root. It returns io.EOF if so.
func (s *splitter) epilog() error {
	for {
		junk, found := s.passText()
		switch {
		case s.err != nil:
			return s.err
		case junk != "":
			return fmt.Errorf("junk after </%s>: %q", s.root, junk)
		case !found:
			return io.EOF
		}
		b := s.look(maxName)
		if passed, complete := s.passMarkup(); !passed || !complete {
			return fmt.Errorf("junk after </%s>: %q", s.root, b)
		}
	}
}

func (s *splitter) cut(where string) error {
	if s.err != nil {
		return s.err
	}
	return fmt.Errorf("truncated XML: the file ends %s; fetch it again", where)
}

// isName reports whether b begins with exactly the name.
func isName(b []byte, name string) bool {
	return len(b) >= len(name) && string(b[:len(name)]) == name && (len(b) == len(name) || !isNameByte(b[len(name)]))
}
