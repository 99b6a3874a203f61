package schemas

import (
	"strings"
	"time"
)

// PMID is PubMed's identifier of a citation. PubMed's own range is 1 to 8 digits.
type PMID uint32

// Span is a half-open range of bytes. Which text it counts in is said where it is used; in a
// Document and its Annotations that is always Document.Text. Rows hold code points instead: see
// Rows.
type Span struct{ Start, End int }

// The two kinds of Section.
const (
	KindTitle    = "title"
	KindAbstract = "abstract"
)

// Section is the title, or one part of the abstract.
type Section struct {
	Kind     string // KindTitle or KindAbstract
	Label    string // as printed: "METHODS AND RESULTS"; empty when the abstract is not structured
	Category string // NlmCategory: "METHODS"
	Text     string // inline markup already resolved to plain text
}

// Document is one version of one PubMed record, as decoded from its source.
//
// Its text is fixed once and for all by Text: the title, one space, and the section texts joined by
// one space.
type Document struct {
	PMID     PMID
	Version  int // 1 unless the publisher versions its articles (PMID@Version)
	Citation Citation
	Sections []Section // the title first, always; then the abstract's parts, none when there is no abstract
	Deleted  bool      // a tombstone from a DeleteCitation list: only PMID and Version are set
}

// Title returns the text of the title section, or "" when there is none.
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

// Text returns title + " " + abstract: what every offset of every annotation counts in.
// The space stands there also when either side is empty, so that readers need no special case.
func (d *Document) Text() string { return d.Title() + " " + d.Abstract() }

// SectionSpans returns where each section stands in Text, in the order of Sections.
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
