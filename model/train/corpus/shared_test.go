package corpus_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pubmine/pubmine/model/train/corpus"
)

// library returns the folder of the public corpora, or skips the test.
func library(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the public corpora are not here: want ../shared/data beside the repository")
	}
	return dir
}

// TestLibrary reads every corpus: each mention is where its text is, and the losses are the known ones.
func TestLibrary(t *testing.T) {
	examples, counts, err := corpus.Load(filepath.Join(library(t), "corpora"))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range counts {
		t.Logf("%-20s %5d documents %6d mentions %5d relations %5d masked %3d dropped %v", name, s.Documents, s.Mentions, s.Relations, s.Masked, s.Dropped, s.Unmapped)
	}
	if got := counts["bc5cdr/train"]; got.Documents != 500 || got.Dropped != 0 || got.Mentions != 9385 {
		t.Errorf("bc5cdr/train: %+v", got)
	}
	held := corpus.Hold(examples)
	training := held.Training(examples)
	t.Logf("%d examples, %d to train on", len(examples), len(training))
	for _, e := range training {
		if held.Has(e.Doc) {
			t.Fatalf("%s %s is held out", e.Corpus, e.ID)
		}
	}
	for _, e := range examples {
		check(t, e)
	}
}

func TestPool(t *testing.T) {
	structured, n := 0, 0
	for r, err := range corpus.Pool(filepath.Join(library(t), "pool", "abstracts_more.part1.jsonl.gz")) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		d := r.Document()
		if corpus.Conclusions(d) != "" {
			structured++
		}
		if corpus.Unlabelled(d).Text() != d.Text() {
			t.Fatalf("%s: text changed", r.ID)
		}
	}
	t.Logf("%d records, %d with conclusions", n, structured)
	if n != 16258 {
		t.Errorf("%d records", n)
	}
}

func check(t *testing.T, e corpus.Example) {
	t.Helper()
	spans := e.Doc.SectionSpans()
	body := e.Doc.Text()
	for i, m := range e.Gold.Mentions {
		s := spans[m.Section]
		if m.ID != i || m.Start < s.Start || m.End > s.End || m.End <= m.Start {
			t.Errorf("%s %s: mention %d %+v is not within section %+v", e.Corpus, e.ID, i, m, s)
		}
		if i > 0 && m.Start < e.Gold.Mentions[i-1].Start {
			t.Errorf("%s %s: mention %d out of order", e.Corpus, e.ID, i)
		}
		if !e.Annotates(m.Type) {
			t.Errorf("%s %s: mention of type %s, which the corpus does not annotate", e.Corpus, e.ID, m.Type)
		}
		_ = body[m.Start:m.End]
	}
	for _, r := range e.Gold.Relations {
		if n := len(e.Gold.Mentions); r.Subject < 0 || r.Subject >= n || r.Object < 0 || r.Object >= n {
			t.Errorf("%s %s: relation %+v", e.Corpus, e.ID, r)
		}
	}
}
