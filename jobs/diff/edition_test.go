package diff

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// annotated is a document of a unit with its annotations.
type annotated struct {
	unit string
	doc  *schemas.Document
	a    *schemas.Annotations
}

// testDocument returns a document with a title, and an abstract unless that is empty.
func testDocument(pmid int, title, abstract string) *schemas.Document {
	doc := &schemas.Document{PMID: schemas.PMID(pmid), Version: 1}
	doc.Sections = []schemas.Section{{Kind: schemas.KindTitle, Text: title}}
	if abstract != "" {
		doc.Sections = append(doc.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: abstract})
	}
	return doc
}

// testSentences makes each section of a document a sentence.
func testSentences(doc *schemas.Document) (all []schemas.Sentence) {
	for i, s := range doc.SectionSpans() {
		if s.Start < s.End {
			all = append(all, schemas.Sentence{Section: i, Span: s})
		}
	}
	return all
}

// writeEdition publishes documents as the tables of an edition below a directory. Each list of
// units is a part.
func writeEdition(t testing.TB, dir string, id int, parts [][]string, docs []annotated) *corpus.Edition {
	t.Helper()
	c := &corpus.Configuration{Model: fmt.Sprint("m", id), Tasks: schemas.Tasks()}
	e := &corpus.Edition{ID: id, Configuration: c}
	for i, units := range parts {
		p := corpus.Part{Name: fmt.Sprintf("%d-%d", id, i)}
		var in []annotated
		for _, unit := range slices.Sorted(slices.Values(units)) {
			r := corpus.Record{Unit: unit, Digest: "d"}
			var records []schemas.Rows
			for _, d := range docs {
				if d.unit != unit {
					continue
				}
				records, in = append(records, rowsOf(t, d)), append(in, d)
				if pmid := d.doc.PMID; r.FirstPMID == 0 || pmid < r.FirstPMID {
					r.FirstPMID = pmid
				}
				r.LastPMID = max(r.LastPMID, d.doc.PMID)
			}
			r.Counts.Add(records)
			p.Units = append(p.Units, r)
		}
		if len(units) > 1 {
			slices.SortStableFunc(in, func(x, y annotated) int {
				return cmp.Or(cmp.Compare(x.doc.PMID, y.doc.PMID), cmp.Compare(x.unit, y.unit))
			})
		}
		writeTables(t, dir, &p, in)
		e.Parts = append(e.Parts, p)
	}
	return e
}

func rowsOf(t testing.TB, d annotated) schemas.Rows {
	t.Helper()
	rows, err := schemas.NewRows(d.doc, d.a, schemas.Provenance{Unit: d.unit, Model: "m"})
	if err != nil || len(rows.Rejects) > 0 {
		t.Fatalf("%v, %v", err, rows.Rejects)
	}
	return rows
}

// writeTables writes the files of a part.
func writeTables(t testing.TB, dir string, p *corpus.Part, docs []annotated) {
	t.Helper()
	var chunk []schemas.Rows
	for _, d := range docs {
		chunk = append(chunk, rowsOf(t, d))
	}
	for _, table := range schemas.Tables() {
		n := 0
		for i := range chunk {
			n += table.Len(&chunk[i])
		}
		if n == 0 {
			continue
		}
		name := p.Name + "-" + table.Name
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := parquetio.NewWriter(f, table, nil)
		if err == nil {
			err = w.Write(chunk)
		}
		if err == nil {
			err = w.Close()
		}
		if err = cmp.Or(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		p.Files = append(p.Files, corpus.File{Table: table.Name, Path: name, Rows: int64(n)})
	}
}

// compare compares two editions below a directory, and returns the changes, too.
func compare(t testing.TB, dir string, before, after *corpus.Edition, o Options) (*Result, []Change) {
	t.Helper()
	var all []Change
	o.Each = func(c Change) error { all = append(all, c); return nil }
	path := func(f corpus.File) string { return filepath.Join(dir, f.Path) }
	r, err := Compare(t.Context(), path, before, after, o)
	if err != nil {
		t.Fatal(err)
	}
	return r, all
}

// mention returns the first occurrence of a text as a mention.
func mention(t testing.TB, doc *schemas.Document, id int, text, typ string, score float32) schemas.Mention {
	t.Helper()
	at := strings.Index(doc.Text(), text)
	for i, s := range doc.SectionSpans() {
		if at >= s.Start && at+len(text) <= s.End {
			span := schemas.Span{Start: at, End: at + len(text)}
			return schemas.Mention{ID: id, Section: i, Sentence: i, Span: span, Type: typ, Score: score}
		}
	}
	t.Fatalf("%q is not in %q", text, doc.Text())
	return schemas.Mention{}
}
