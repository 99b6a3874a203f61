package reuse_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/reuse"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// digests are those under which parts are made and wanted, unless a test says otherwise.
func digests() map[string]string {
	return map[string]string{
		"sentences": "s", "ner": "n", "linking": "i", "relations": "r", "summary": "u", "answers": "a",
		"labels": "l", "vectors": "v",
	}
}

// with returns digests with a change.
func with(task, digest string) map[string]string {
	d := digests()
	d[task] = digest
	return d
}

// document returns a document whose text depends on pmid and words.
func document(pmid schemas.PMID, words string) *schemas.Document {
	return &schemas.Document{PMID: pmid, Version: 1, Sections: []schemas.Section{
		{Kind: schemas.KindTitle, Text: fmt.Sprintf("β %d", pmid)},
		{Kind: schemas.KindAbstract, Label: "AIM", Text: words + " µ."},
	}}
}

// annotate returns annotations of every kind for a document. marker is in them, to tell one result
// from another.
func annotate(doc *schemas.Document, marker string) *schemas.Annotations {
	spans := doc.SectionSpans()
	a := &schemas.Annotations{
		Sentences: []schemas.Sentence{{Section: 0, Span: spans[0]}, {Section: 1, Span: spans[1]}},
		Relations: []schemas.Relation{
			{
				Type: marker, Subject: 0, Object: 1, Sentence: -1, Score: 0.5, Certainty: schemas.Negated,
				Method: schemas.MethodHead,
			},
			{
				Type: "CID", Subject: 1, Sentence: 0, Score: 0.5, Certainty: schemas.Asserted,
				Method: schemas.MethodGenerated, Evidence: "β",
			},
		},
		Summaries: []schemas.Summary{{Text: marker, Method: schemas.MethodExtracted, Sentences: []int32{0, 1}}},
		Answers:   []schemas.Answer{{QuestionID: "q", Question: "?", Answer: marker, Sentences: []int32{1}}},
		Labels:    []schemas.Label{{Name: marker, Score: 0.5}},
		Vector:    []float32{0.6, 0.8},
		Rejects:   []schemas.Reject{{Stage: schemas.TaskRelations, Kind: "not-in-text", Message: marker}},
	}
	for i, s := range spans {
		a.Mentions = append(a.Mentions, schemas.Mention{
			ID: i, Section: i, Sentence: i, Span: schemas.Span{Start: s.Start, End: s.Start + len("β")},
			Type: marker, Score: 0.25, Concept: "C", Method: []string{schemas.MethodHead, schemas.MethodGenerated}[i],
		})
	}
	return a
}

// annotated is a document with its annotations.
type annotated struct {
	doc *schemas.Document
	a   *schemas.Annotations
}

// writePart publishes documents as the tables of a unit below a directory.
func writePart(t testing.TB, dir, unit string, parts map[string]string, docs ...annotated) reuse.Part {
	t.Helper()
	p := reuse.Part{FirstPMID: 1 << 31, Parts: parts}
	var chunk []schemas.Rows
	for _, x := range docs {
		rows, err := schemas.NewRows(x.doc, x.a, schemas.Provenance{Unit: unit, Model: "old"})
		if err != nil {
			t.Fatal(err)
		}
		chunk = append(chunk, rows)
		p.FirstPMID, p.LastPMID = min(p.FirstPMID, x.doc.PMID), max(p.LastPMID, x.doc.PMID)
	}
	files := map[string]string{}
	for _, table := range schemas.Tables() {
		if n := tableLen(table, chunk); n > 0 {
			files[table.Name] = filepath.Join(dir, unit+"-"+table.Name)
			writeTable(t, files[table.Name], table, chunk)
		}
	}
	p.Path = func(table string) string { return files[table] }
	return p
}

func tableLen(table schemas.Table, chunk []schemas.Rows) (n int) {
	for i := range chunk {
		n += table.Len(&chunk[i])
	}
	return n
}

func writeTable(t testing.TB, path string, table schemas.Table, chunk []schemas.Rows) {
	t.Helper()
	f, err := os.Create(path)
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
}

// newReuser returns a Reuser of all tasks that wants digests, and fails the test if it logs.
func newReuser(t testing.TB, want map[string]string, parts ...reuse.Part) *reuse.Reuser {
	tasks := slices.DeleteFunc(schemas.Tasks(), func(task string) bool {
		return !slices.Contains(slices.Collect(maps.Keys(want)), task)
	})
	r := reuse.New(parts, tasks, want, func(line string) { t.Errorf("log: %s", line) })
	t.Cleanup(r.Close)
	return r
}

// results returns the results for documents, as the marker and the tasks of each; "" for none.
func results(t rapid.TB, r *reuse.Reuser, docs ...*schemas.Document) (found []string) {
	t.Helper()
	all, err := r.Reuse(context.Background(), schemas.Unit{Name: "new"}, docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x == nil {
			found = append(found, "")
			continue
		}
		marker := ""
		for _, m := range x.Annotations.Mentions {
			marker = m.Type
		}
		for _, s := range x.Annotations.Summaries {
			marker = s.Text
		}
		found = append(found, marker+" "+strings.Join(x.Tasks, ","))
	}
	return found
}
