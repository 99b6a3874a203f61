package corpus_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
)

// applyRelease applies files of a release, as sync does in a new process; baseline says that they
// complete its baseline.
func applyRelease(
	root, release string, source pipelinetest.Source, baseline bool, spec corpus.Configuration, o corpus.Options,
) (err error) {
	sink, err := corpus.Create(root, spec, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	if err := sink.BeginRelease(release); err != nil {
		return err
	}
	_, err = pipeline.Run(context.Background(), pipeline.Pipeline{
		Source: source, Preparer: pipelinetest.Preparer{Window: 2}, Encoder: &pipelinetest.Encoder{Width: 2},
		Tasks: []pipeline.Task{pipelinetest.Task{Label: "Chemical"}}, Sink: sink, Model: spec.Model,
		Options: pipeline.Options{Chunk: spec.Chunk, GroupTokens: spec.GroupTokens, Workers: 2},
	})
	if err != nil || !baseline {
		return err
	}
	return sink.SetRelease()
}

// years is a release, its follower and a plain file.
func years(t *testing.T) (old, next, plain pipelinetest.Source) {
	return script(t, "pubmed26n%04d")[:2], script(t, "pubmed27n%04d")[1:3], script(t, "plain%d")[3:4]
}

// unitsOf returns the names of the units of an edition in the order of the history.
func unitsOf(e *corpus.Edition) string {
	var units []string
	for _, u := range e.History() {
		units = append(units, u.Unit)
	}
	return strings.Join(units, " ")
}

func TestNewReleaseTakesThePlaceOfTheOld(t *testing.T) {
	root := storetest.QuickDir(t)
	old, next, plain := years(t)
	mustMine(t, root, plain, spec("m1"), corpus.Options{})
	for _, step := range []struct {
		release  string
		source   pipelinetest.Source
		baseline bool
		see      string
		editions int
	}{
		{"pubmed26", old[:1], false, "plain4 pubmed26n0001", 1},
		{"pubmed26", old, true, "plain4 pubmed26n0001 pubmed26n0002", 1},
		{"pubmed27", next[:1], false, "plain4 pubmed26n0001 pubmed26n0002", 2},
		{"pubmed27", next, true, "plain4 pubmed27n0002 pubmed27n0003", 1},
		{"pubmed27", next, true, "plain4 pubmed27n0002 pubmed27n0003", 1},
	} {
		err := applyRelease(root, step.release, step.source, step.baseline, spec("m1"), corpus.Options{})
		if err != nil {
			t.Fatal(err)
		}
		verify(t, root)
		s := snapshot(t, root)
		if got := unitsOf(s.Seen()); got != step.see || len(s.Editions) != step.editions {
			t.Errorf("%q: seen are %s, %d editions", step.release, got, len(s.Editions))
		}
	}
}

// A new model and a new release at once: readers see the new edition when the baseline is complete
// and the other units are computed, too.
func TestNewReleaseWithAnotherModel(t *testing.T) {
	root := storetest.QuickDir(t)
	old, next, plain := years(t)
	mustMine(t, root, plain, spec("m1"), corpus.Options{})
	if err := applyRelease(root, "pubmed26", old, true, spec("m1"), corpus.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := applyRelease(root, "pubmed27", next, true, spec("m2"), corpus.Options{}); err != nil {
		t.Fatal(err)
	}
	if e := seen(t, root); e.ID != 1 {
		t.Errorf("readers see edition %d, which lacks a unit", e.ID)
	}
	mustMine(t, root, plain, spec("m2"), corpus.Options{})
	e := seen(t, root)
	if got := unitsOf(e); e.ID != 2 || e.Model() != "m2" || got != "plain4 pubmed27n0002 pubmed27n0003" {
		t.Errorf("readers see %s of edition %d", got, e.ID)
	}
}

// Whatever I/O of a switch fails, readers see the old release or the new one, and after the next
// try only the new one is there.
func TestSwitchSurvivesEveryFault(t *testing.T) {
	old, next, plain := years(t)
	start := func(t *testing.T) string {
		root := storetest.QuickDir(t)
		mustMine(t, root, plain, spec("m1"), corpus.Options{})
		err := errors.Join(
			applyRelease(root, "pubmed26", old, true, spec("m1"), corpus.Options{}),
			applyRelease(root, "pubmed27", next, false, spec("m1"), corpus.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		return root
	}
	finish := func(root string, o corpus.Options) error {
		return applyRelease(root, "pubmed27", next, true, spec("m1"), o)
	}
	calm := start(t)
	if err := finish(calm, corpus.Options{}); err != nil {
		t.Fatal(err)
	}
	want := tables(t, calm)
	f := fault{kill: true, errno: func(int) syscall.Errno { return syscall.EINTR }}
	step := 1
	if testing.Short() {
		step = 17
	}
	both := []string{"plain4 pubmed26n0001 pubmed26n0002", "plain4 pubmed27n0002 pubmed27n0003"}
	for n := 1; !t.Failed(); n += step {
		root := start(t)
		hook, reached := f.hook(n)
		err := finish(root, corpus.Options{Fault: hook})
		if !reached() {
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("a switch has %d I/Os", n)
			return
		}
		if got := unitsOf(seen(t, root)); !slices.Contains(both, got) {
			t.Errorf("I/O %d: seen are %s", n, got)
		}
		if what := halfPublished(root); what != "" {
			t.Errorf("I/O %d: %s", n, what)
		}
		if err := finish(root, corpus.Options{}); err != nil {
			t.Fatal(err)
		}
		verify(t, root)
		if diff := cmp.Diff(want, tables(t, root)); diff != "" {
			t.Errorf("I/O %d (-calm +resumed):\n%s", n, diff)
		}
	}
}
