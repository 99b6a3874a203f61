package schemas

import (
	"strings"
	"time"
)

// PMID is PubMed's identifier of a citation. PubMed's own range is 1 to 8 digits.
type PMID uint32

// Span is a half-open range of bytes of a text: of Document.Text, in a Document and its
// Annotations. Rows have code points instead.
type Span struct{ Start, End int }

// The two kinds of Section.
const (
	KindTitle    = "title"
	KindAbstract = "abstract"
)

// Section is the title, or one part of the abstract.
type Section struct {
	Kind     string // KindTitle or KindAbstract
	Label    string // as printed: "METHODS AND RESULTS"; empty if the abstract is not structured
	Category string // NlmCategory: "METHODS"
	Text     string // inline markup already resolved to plain text
}

// Document is one version of one PubMed record, as decoded from its source.
//
// Its text is that of Text: the title, one space, and the section texts joined by one space.
type Document struct {
	PMID     PMID
	Version  int // 1 unless the publisher versions its articles (PMID@Version)
	Citation Citation
	Sections []Section // the title, always, then the parts of the abstract, if there is one
	Deleted  bool      // a tombstone from a DeleteCitation list: only PMID and Version are set
}

// Title returns the text of the title section, or "" if there is none.
func (d *Document) Title() string {
	if len(d.Sections) > 0 && d.Sections[0].Kind == KindTitle {
		return d.Sections[0].Text
	}
	return ""
}

// Abstract returns the section texts of the abstract joined by one space.
func (d *Document) Abstract() string {
	var parts []string
	for _, s := range d.Sections {
		if s.Kind == KindAbstract {
			parts = append(parts, s.Text)
		}
	}
	return strings.Join(parts, " ")
}

// Text returns title + " " + abstract, the text of all annotations. The space is there also if
// either side is empty, so that readers need no special case.
func (d *Document) Text() string { return d.Title() + " " + d.Abstract() }

// SectionSpans returns the span of each section in Text, in the order of Sections.
func (d *Document) SectionSpans() []Span {
	spans := make([]Span, len(d.Sections))
	at := len(d.Title()) + 1
	for i, s := range d.Sections {
		if s.Kind == KindTitle {
			spans[i] = Span{0, len(s.Text)}
			continue
		}
		spans[i] = Span{at, at + len(s.Text)}
		at += len(s.Text) + 1
	}
	return spans
}

// Date is a calendar day as Parquet and Arrow store it: days since 1970-01-01.
type Date int32

// NewDate returns the Date of a calendar day.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
