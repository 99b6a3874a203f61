package schemas

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// Version is the version of the tables. Increase it with every change that adds, removes or renames
// a column, changes its type or meaning, or changes the rows of the same Annotations. AnnotationsOf
// reads rows of older versions if the columns are the same: a change of the meaning of annotations
// must also increase the versions of the stages that make them.
const Version = 5

// Rows are the rows of one record, or one chunk of records, by table. The tag of a field names the
// table.
type Rows struct {
	Documents  []DocumentRow   `parquet:"documents,list"`
	Sentences  []SentenceRow   `parquet:"sentences,list"`
	Mentions   []MentionRow    `parquet:"mentions,list"`
	Relations  []RelationRow   `parquet:"relations,list"`
	Summaries  []SummaryRow    `parquet:"summaries,list"`
	Answers    []AnswerRow     `parquet:"answers,list"`
	Labels     []LabelRow      `parquet:"labels,list"`
	Vectors    []VectorRow     `parquet:"vectors,list"`
	Rejects    []RejectRow     `parquet:"rejects,list"`
	Superseded []SupersededRow `parquet:"superseded,list"`
}

// Key has the first columns of every table.
type Key struct {
	PMID    int32  `parquet:"pmid,delta"`
	Version int16  `parquet:"version"`
	Unit    string `parquet:"unit,dict"`
}

// DocumentKey returns the key: rows of all tables have this method.
func (k Key) DocumentKey() Key { return k }

// Provenance is the origin of rows.
type Provenance struct {
	Unit  string // name of the Unit
	Model string // name and digest of the model, for the rows that a model computed
}

// NewRows makes the rows of a document and of its annotations. It is the only place where offsets
// become code points.
//
// A row of rejects replaces each annotation that cannot be a correct row: one whose span is empty,
// crosses the bounds of its section or cuts a character; one that refers to a rejected annotation.
// If the document has no valid pmid, version or text, a single row of rejects replaces all. The
// error reports a mistake of the caller: no document, or no unit.
func NewRows(doc *Document, a *Annotations, p Provenance) (Rows, error) {
	if doc == nil {
		return Rows{}, errors.New("rows: no document")
	}
	if p.Unit == "" {
		return Rows{}, fmt.Errorf("rows of pmid %d: no unit", doc.PMID)
	}
	if bad := checkDocument(doc); bad != nil {
		return RejectRows(bad, p), nil
	}
	b := newRowBuilder(doc, p)
	b.addDocument()
	if a == nil || doc.Deleted {
		return b.rows, nil
	}
	for i, s := range a.Sentences {
		b.reject(b.addSentence(i, s))
	}
	for i, x := range a.Mentions {
		b.reject(b.addMention(i, x))
	}
	for i, r := range a.Relations {
		b.reject(b.addRelation(i, r))
	}
	for _, s := range a.Summaries {
		b.reject(b.addSummary(s))
	}
	for _, x := range a.Answers {
		b.reject(b.addAnswer(x))
	}
	for _, x := range a.Labels {
		b.reject(b.addLabel(x))
	}
	if len(a.Vector) > 0 {
		b.reject(b.addVector(a.Vector))
	}
	for i := range a.Rejects {
		b.reject(&a.Rejects[i])
	}
	return b.rows, nil
}

// rowBuilder collects the rows of one document.
type rowBuilder struct {
	doc      *Document
	from     Provenance
	key      Key
	text     string // Document.Text
	points   codePoints
	sections []Span

	sentences map[int]Span       // those that became rows, in bytes
	mentions  map[int]MentionRow // those that became rows
	rows      Rows
}

func newRowBuilder(doc *Document, p Provenance) *rowBuilder {
	text := doc.Text()
	return &rowBuilder{
		doc:       doc,
		from:      p,
		key:       Key{PMID: int32(doc.PMID), Version: int16(doc.Version), Unit: p.Unit},
		text:      text,
		points:    newCodePoints(text),
		sections:  doc.SectionSpans(),
		sentences: make(map[int]Span),
		mentions:  make(map[int]MentionRow),
	}
}

// reject adds the row of a rejected annotation. A nil r is an annotation that became a row.
func (b *rowBuilder) reject(r *Reject) {
	if r != nil {
		b.rows.Rejects = append(b.rows.Rejects, newRejectRow(b.key, r))
	}
}

// locate returns the code points of a span, which must not be empty and must be on character
// boundaries within a section.
func (b *rowBuilder) locate(s Span, section int) (start, end int32, err error) {
	if section < 0 || section >= len(b.sections) {
		return 0, 0, fmt.Errorf("section %d of %d", section, len(b.sections))
	}
	if in := b.sections[section]; s.Start < in.Start || s.End > in.End || s.Start >= s.End {
		return 0, 0, fmt.Errorf(
			"bytes %d to %d, not inside section %d, which is %d to %d", s.Start, s.End, section, in.Start, in.End,
		)
	}
	start, end = b.points.at(s.Start), b.points.at(s.End)
	if start < 0 || end < 0 {
		return 0, 0, fmt.Errorf("bytes %d to %d cut a character", s.Start, s.End)
	}
	return start, end, nil
}

// checkDocument returns the reason why a document cannot be a row, or nil.
func checkDocument(doc *Document) *Reject {
	bad := func(kind, format string, args ...any) *Reject {
		return &Reject{
			PMID: doc.PMID, Version: doc.Version, Stage: "rows", Kind: kind,
			Message: fmt.Sprintf(format, args...),
		}
	}
	if doc.PMID == 0 || doc.PMID > math.MaxInt32 {
		return bad("bad-pmid", "pmid %d is not between 1 and %d", doc.PMID, math.MaxInt32)
	}
	if doc.Version < 1 || doc.Version > math.MaxInt16 {
		return bad("bad-version", "version %d is not between 1 and %d", doc.Version, math.MaxInt16)
	}
	for i, s := range doc.Sections {
		if (s.Kind == KindTitle) != (i == 0) || s.Kind != KindTitle && s.Kind != KindAbstract {
			return bad(
				"bad-sections", "section %d is of kind %q: the title comes first and once, then abstract parts", i,
				s.Kind,
			)
		}
		if !utf8.ValidString(s.Text) {
			return bad("bad-text", "section %d is not valid UTF-8", i)
		}
	}
	return nil
}

// finite reports whether a score can be compared at all.
func finite(score float32) bool {
	return !math.IsNaN(float64(score)) && !math.IsInf(float64(score), 0)
}
