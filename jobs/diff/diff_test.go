package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

var update = flag.Bool("update", false, "rewrite expected output")

// exampleDocument is a document in testdata/upgrade.json.
type exampleDocument struct {
	PMID          int
	Unit          string
	Title         string
	Abstract      string
	OtherAbstract string `json:"other_abstract"` // of the edition after
	Deleted       bool
	Before, After *exampleAnnotations
}

type exampleAnnotations struct {
	Mentions  [][]any // text, type, score, concept
	Relations [][]any // subject, type, object, score
	Summary   string
	Answers   map[string]string // by question
}

func (x *exampleAnnotations) of(t *testing.T, doc *schemas.Document) *schemas.Annotations {
	a := &schemas.Annotations{Sentences: testSentences(doc)}
	for i, m := range x.Mentions {
		found := mention(t, doc, i, m[0].(string), m[1].(string), float32(m[2].(float64)))
		if len(m) > 3 {
			found.Concept, found.ConceptScore = m[3].(string), 0.5
		}
		a.Mentions = append(a.Mentions, found)
	}
	for _, r := range x.Relations {
		a.Relations = append(a.Relations, schemas.Relation{
			Subject: int(r[0].(float64)), Type: r[1].(string), Object: int(r[2].(float64)), Sentence: 1,
			Score: float32(r[3].(float64)), Method: schemas.MethodHead,
		})
	}
	if x.Summary != "" {
		a.Summaries = []schemas.Summary{{Text: x.Summary, Method: schemas.MethodExtracted, Score: 0.5}}
	}
	for _, q := range slices.Sorted(maps.Keys(x.Answers)) {
		a.Answers = append(a.Answers, schemas.Answer{QuestionID: q[:4], Question: q, Answer: x.Answers[q], Score: 0.75})
	}
	return a
}

// upgrade returns the two editions of testdata/upgrade.json.
func upgrade(t *testing.T, dir string) (before, after *corpus.Edition) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "upgrade.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []exampleDocument
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	var docs [2][]annotated
	for _, x := range all {
		for i, a := range []*exampleAnnotations{x.Before, x.After} {
			if a == nil {
				continue
			}
			doc := testDocument(x.PMID, x.Title, x.Abstract)
			if i == 1 && x.OtherAbstract != "" {
				doc = testDocument(x.PMID, x.Title, x.OtherAbstract)
			}
			if doc.Deleted = x.Deleted; doc.Deleted {
				doc.Sections = nil
			}
			docs[i] = append(docs[i], annotated{x.Unit, doc, a.of(t, doc)})
		}
	}
	return writeEdition(t, dir, 1, [][]string{{"a"}, {"c"}}, docs[0]),
		writeEdition(t, dir, 2, [][]string{{"a", "b", "c"}}, docs[1])
}

// The result of the example, as JSON, is testdata/upgrade.golden.json.
func TestUpgrade(t *testing.T) {
	dir := t.TempDir()
	before, after := upgrade(t, dir)
	r, _ := compare(t, dir, before, after, Options{Examples: 2, Documents: 3})
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetIndent("", " ")
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "upgrade.golden.json")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("run with -update to accept:\n%s", diff)
	}
}

// A file of differences has the changes, nulls included.
func TestWriter(t *testing.T) {
	dir := t.TempDir()
	before, after := upgrade(t, dir)
	_, want := compare(t, dir, before, after, Options{})
	path := filepath.Join(dir, "changes.parquet")
	w, err := NewWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	for range 40 { // more rows than parquet-go writes at once
		for _, c := range want {
			if err := w.Write(c); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("seen before it is complete: %v", err)
	}
	if err := w.Publish(); err != nil {
		t.Fatal(err)
	}
	got, err := parquet.ReadFile[Change](path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 40*len(want) || w.Rows() != len(got) {
		t.Fatalf("%d rows, not 40 times %d", len(got), len(want))
	}
	for i := range got {
		if diff := cmp.Diff(want[i%len(want)], got[i]); diff != "" {
			t.Fatalf("row %d:\n%s", i, diff)
		}
	}
	if _, err := NewWriter(path); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a file that exists: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A file that takes the name meanwhile stays, and an interrupted one leaves nothing.
func TestWriterDoesNotReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.parquet")
	w, err := NewWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(); !errors.Is(err, store.ErrTaken) {
		t.Errorf("error %v", err)
	}
	if data, err := os.ReadFile(path); string(data) != "mine" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if w, err = NewWriter(filepath.Join(dir, "y.parquet")); err != nil {
		t.Fatal(err)
	}
	w.Discard()
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// A table that one edition does not make is named, not compared.
func TestTableOfOneEdition(t *testing.T) {
	dir := t.TempDir()
	before, after := upgrade(t, dir)
	after.Configuration.Tasks = []string{schemas.TaskNER, schemas.TaskSummary, schemas.TaskAnswers}
	for i := range after.Parts {
		p := &after.Parts[i]
		p.Files = slices.DeleteFunc(p.Files, func(f corpus.File) bool { return f.Table == relations })
		for j := range p.Units {
			p.Units[j].Counts.Rows[relations] = 0
		}
	}
	r, changes := compare(t, dir, before, after, Options{})
	i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name == relations })
	if got := r.Tables[i]; got.OnlyIn != 1 || got.Rows != 2 || got.Before != 0 || r.Identical {
		t.Errorf("%+v", got)
	}
	if slices.ContainsFunc(changes, func(c Change) bool { return c.Table == relations }) {
		t.Error("its rows are compared")
	}
}

// Units that an edition has only in part are counted, and the progress ends with all documents.
func TestUnitsAndProgress(t *testing.T) {
	dir := t.TempDir()
	before, after := upgrade(t, dir)
	before.Parts[0].Units[0].Digest = "d:4"
	var got []int64
	r, _ := compare(t, dir, before, after, Options{
		batch: 2, Progress: func(done, all int64) { got = append(got, done, all) },
	})
	if want := (Units{Both: 2, OnlyAfter: 1, PartialBefore: 1}); r.Units != want {
		t.Errorf("%+v", r.Units)
	}
	if !slices.Equal(got, []int64{2, 6, 4, 6, 5, 6, 6, 6}) {
		t.Errorf("progress %v", got)
	}
}

// A comparison ends with its context, and does not pass over files that cannot be read.
func TestStopped(t *testing.T) {
	dir := t.TempDir()
	before, after := upgrade(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := func(f corpus.File) string { return filepath.Join(dir, f.Path) }
	if _, err := Compare(ctx, path, before, after, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := os.Truncate(path(*after.Parts[0].File("mentions")), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := Compare(t.Context(), path, before, after, Options{}); err == nil {
		t.Error("a damaged file is compared")
	}
	if err := os.Remove(path(*after.Parts[0].File("mentions"))); err != nil {
		t.Fatal(err)
	}
	_, err := Compare(t.Context(), path, before, after, Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "2-0-mentions is missing: run pubmine verify") {
		t.Errorf("a missing file: %v", err)
	}
}
