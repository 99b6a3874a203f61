package corpus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
)

// Another model makes an edition beside the current one, which readers see until the new one has
// all of its units.
func TestAnotherModelMakesAnEdition(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	first := tables(t, root)
	mustMine(t, root, source()[:2], spec("m2"), corpus.Options{})
	if diff := cmp.Diff(first, tables(t, root)); diff != "" {
		t.Errorf("readers see a part of edition 2:\n%s", diff)
	}
	s := snapshot(t, root)
	if s.Current != 1 || s.Target().ID != 2 || s.Target().Model() != "m2" {
		t.Errorf("current is edition %d, the target %d", s.Current, s.Target().ID)
	}
	var lines []string
	log := corpus.Options{Log: func(line string) { lines = append(lines, line) }}
	mustMine(t, root, source(), spec("m2"), log)
	second := tables(t, root)
	if e := seen(t, root); e.ID != 2 || len(e.Units()) != 3 || cmp.Equal(first, second) {
		t.Errorf("readers see edition %d with %d units", e.ID, len(e.Units()))
	}
	if text := strings.Join(lines, "\n"); !strings.Contains(text, "edition 2 is complete") {
		t.Errorf("log:\n%s", text)
	}
	report := mustMine(t, root, source(), spec("m1"), corpus.Options{}) // the old one is still there
	if len(report.Skipped) != 3 || seen(t, root).ID != 2 {
		t.Errorf("%+v, readers see edition %d", report, seen(t, root).ID)
	}
}

// A part of an input never takes the place of the whole, and is completed by it.
func TestPartialUnits(t *testing.T) {
	root := storetest.QuickDir(t)
	stamped := source()
	for i := range stamped {
		stamped[i].Stamp = "stamp"
	}
	limited := func(n int) pipeline.Source { return pipeline.Limit(stamped, n) }
	mustMine(t, root, limited(3), spec("m1"), corpus.Options{})
	a, _ := seen(t, root).Unit("a")
	if !a.Partial() || a.Counts.Rows["documents"] != 3 {
		t.Errorf("%+v", a)
	}
	mustMine(t, root, stamped, spec("m1"), corpus.Options{})
	if a, _ = seen(t, root).Unit("a"); a.Partial() || a.Counts.Rows["documents"] != 9 {
		t.Errorf("completed: %+v", a)
	}
	whole := tables(t, root)
	report := mustMine(t, root, limited(3), spec("m1"), corpus.Options{})
	if diff := cmp.Diff(whole, tables(t, root)); diff != "" || len(report.Skipped) != 1 {
		t.Errorf("%+v\n%s", report, diff)
	}
	mustMine(t, root, limited(3), spec("m2"), corpus.Options{})
	if e := seen(t, root); e.ID != 1 {
		t.Errorf("readers see edition %d, which is partial", e.ID)
	}
	if diff := cmp.Diff(whole, tables(t, root)); diff != "" {
		t.Error(diff)
	}
}

// A configuration that makes less than the current edition has is refused, and named.
func TestLossIsRefused(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	before := tree(t, root, ".")
	less := spec("m1")
	less.Tasks = nil
	_, err := mine(root, source(), less, corpus.Options{})
	var loss *corpus.LossError
	if !errors.As(err, &loss) || !strings.Contains(err.Error(), "mentions") {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(before, tree(t, root, ".")); diff != "" {
		t.Error(diff)
	}
	mustMine(t, root, source(), less, corpus.Options{DropTables: true})
	if e := seen(t, root); e.ID != 2 {
		t.Errorf("readers see edition %d", e.ID)
	}
}

// A source of one unit can be replaced, if that is allowed, in every edition.
func TestReplacedInputIsReplacedInTheCurrentEdition(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	changed := pipelinetest.Source{pipelinetest.NewUnit("a", 500, 3)}
	mustMine(t, root, changed, spec("m1"), corpus.Options{Replace: true})
	s := snapshot(t, root)
	if len(s.Removed) != 1 || len(s.Removed[0].Files) == 0 {
		t.Errorf("removed: %+v", s.Removed)
	}
}
