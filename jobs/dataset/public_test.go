package dataset_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// library returns the folder of the public corpora, or skips the test.
func library(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the public corpora are not here: want ../shared/data beside the repository")
	}
	if testing.Short() {
		t.Skip("reads every corpus: left out by -short")
	}
	return dir
}

// TestLibrary reads every corpus. The counts are the published ones, less dropped mentions.
func TestLibrary(t *testing.T) {
	examples, counts, err := dataset.Load(filepath.Join(library(t), "corpora"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]dataset.Stats{
		"bc5cdr/train":       {Documents: 500, Mentions: 9385, Relations: 1038},
		"bc5cdr/dev":         {Documents: 500, Mentions: 9591, Relations: 1012},
		"ncbi-disease/train": {Documents: 593, Mentions: 5144, Dropped: 1},
		"ncbi-disease/dev":   {Documents: 100, Mentions: 787},
		"biored/dev":         {Documents: 100, Mentions: 3533, Relations: 1162},
		"gnormplus/train":    {Documents: 432, Mentions: 4245, Masked: 1546, Dropped: 2},
		"chemprot/train":     {Documents: 1020, Mentions: 25752, Relations: 4157},
		"linnaeus/train":     {Documents: 80, Mentions: 2321},
	} {
		if diff := cmp.Diff(want, counts[name], cmpopts.IgnoreFields(dataset.Stats{}, "FirstDropped")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	held := dataset.NewHeldOut(examples)
	training := held.Training(examples)
	if len(training) < 18000 || len(training) > len(examples)-4000 {
		t.Errorf("%d of %d examples to train on", len(training), len(examples))
	}
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
	for r, err := range dataset.Pool(filepath.Join(library(t), "pool", "abstracts_more.part1.jsonl.gz")) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n > 3000 {
			break
		}
		d := r.Document()
		if dataset.Conclusions(d) != "" {
			structured++
		}
		if dataset.Unlabelled(d).Text() != d.Text() {
			t.Fatalf("%s: text changed", r.ID)
		}
	}
	if structured < 500 {
		t.Errorf("only %d of 3000 abstracts have conclusions", structured)
	}
}

func check(t *testing.T, e dataset.Example) {
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
