package corpus_test

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
)

// setRelease switches the corpus to a release, as a new process would.
func setRelease(root, release string, o corpus.Options) (err error) {
	sink, err := corpus.Create(root, spec("m1"), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	return sink.SetRelease(release)
}

// years is a release, its follower and a plain file.
func years(t *testing.T) (old, next, plain pipelinetest.Source) {
	return script(t, "pubmed26n%04d")[:2], script(t, "pubmed27n%04d")[1:3], script(t, "plain%d")[3:4]
}

func seen(s corpus.Snapshot) string {
	var units []string
	for _, u := range s.History() {
		units = append(units, u.Unit)
	}
	return strings.Join(units, " ")
}

func TestNewReleaseTakesThePlaceOfTheOld(t *testing.T) {
	root := corpus.QuickDir(t)
	old, next, plain := years(t)
	mustMine(t, root, slices.Concat(old, plain), spec("m1"), corpus.Options{})
	for _, step := range []struct {
		release string
		add     pipelinetest.Source
		see     string
		units   int
	}{
		{"", next[:1], "pubmed26n0001 pubmed26n0002 plain4 pubmed27n0002", 4},
		{"pubmed26", next, "pubmed26n0001 pubmed26n0002 plain4", 5},
		{"pubmed27", nil, "plain4 pubmed27n0002 pubmed27n0003", 3},
		{"pubmed27", next, "plain4 pubmed27n0002 pubmed27n0003", 3},
	} {
		if step.release != "" {
			if err := setRelease(root, step.release, corpus.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		mustMine(t, root, step.add, spec("m1"), corpus.Options{})
		s := snapshot(t, root)
		if got := seen(s); got != step.see || len(s.Units) != step.units {
			t.Errorf("%q: seen are %s, of %d units", step.release, got, len(s.Units))
		}
	}
	if n := len(tree(t, root, "meta/units")); n != 3 {
		t.Errorf("%d commit records", n)
	}
}

// Whatever I/O of a switch fails, readers see the old release or the new one, and after the next
// try only the new one is there.
func TestSwitchSurvivesEveryFault(t *testing.T) {
	old, next, plain := years(t)
	start := func(t *testing.T) string {
		root := corpus.QuickDir(t)
		mustMine(t, root, slices.Concat(old, plain), spec("m1"), corpus.Options{})
		if err := setRelease(root, "pubmed26", corpus.Options{}); err != nil {
			t.Fatal(err)
		}
		mustMine(t, root, next, spec("m1"), corpus.Options{})
		return root
	}
	calm := start(t)
	if err := setRelease(calm, "pubmed27", corpus.Options{}); err != nil {
		t.Fatal(err)
	}
	want := tree(t, calm, "tables")
	f := fault{kill: true, errno: func(int) syscall.Errno { return syscall.EINTR }}
	step := 1
	if testing.Short() {
		step = 5
	}
	for n := 1; !t.Failed(); n += step {
		root := start(t)
		hook, reached := f.hook(n)
		err := setRelease(root, "pubmed27", corpus.Options{Fault: hook})
		if !reached() {
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("a switch has %d I/Os", n)
			return
		}
		if got := seen(snapshot(t, root)); got != "pubmed26n0001 pubmed26n0002 plain4" &&
			got != "plain4 pubmed27n0002 pubmed27n0003" {
			t.Errorf("I/O %d: seen are %s", n, got)
		}
		if what := halfPublished(root); what != "" {
			t.Errorf("I/O %d: %s", n, what)
		}
		if err := setRelease(root, "pubmed27", corpus.Options{}); err != nil {
			t.Fatal(err)
		}
		verify(t, root)
		if diff := cmp.Diff(want, tree(t, root, "tables")); diff != "" || len(tree(t, root, "meta/units")) != 3 {
			t.Errorf("I/O %d (-calm +resumed):\n%s", n, diff)
		}
	}
}
