package corpus_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// compact merges parts to a size, as a new process would.
func compact(root string, target int64, o corpus.Options) (done corpus.Compaction, err error) {
	err = manage(root, o, func(m *corpus.Manager) error {
		done, err = m.Compact(context.Background(), target, false)
		return err
	})
	return done, err
}

// Whatever parts there are, compacting changes no row and no place in the history, leaves the
// corpus intact, and finds nothing to do afterwards.
func TestCompactKeepsRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		root := storetest.QuickDir(t)
		source := pipelinetest.Source{
			pipelinetest.NewUnit("pubmed26n0001", 40, 3), pipelinetest.NewUnit("pubmed26n0002", 41, 3),
		}
		for i := range rapid.IntRange(0, 6).Draw(rt, "units") {
			first := schemas.PMID(rapid.IntRange(1, 60).Draw(rt, "first"))
			unit := pipelinetest.NewUnit(fmt.Sprint("u", i), first, rapid.IntRange(0, 8).Draw(rt, "records"))
			source = append(source, unit)
		}
		o := corpus.Options{Pack: rapid.SampledFrom([]int{0, 4}).Draw(rt, "pack")}
		if _, err := mine(root, source, spec("m1"), o); err != nil {
			rt.Fatal(err)
		}
		before, units := rowsOf(rt, root), seen(t, root).Units()
		target := rapid.SampledFrom([]int64{1, 60_000, math.MaxInt64}).Draw(rt, "target")
		done, err := compact(root, target, corpus.Options{})
		if err != nil || done.Left > 0 {
			rt.Fatal(done, err)
		}
		c, err := corpus.Open(root)
		if err != nil {
			rt.Fatal(err)
		}
		if problems, err := c.Verify(); err != nil || len(problems) > 0 {
			rt.Fatal(problems, err)
		}
		if diff := cmp.Diff(before, rowsOf(rt, root)); diff != "" {
			rt.Fatalf("rows (-before +compacted):\n%s", diff)
		}
		if diff := cmp.Diff(units, seen(t, root).Units()); diff != "" {
			rt.Fatalf("units (-before +compacted):\n%s", diff)
		}
		if target == math.MaxInt64 {
			if n := len(seen(t, root).Parts); n > 2 {
				rt.Errorf("%d parts are left, of a release and others", n)
			}
			if again, err := compact(root, target, corpus.Options{}); err != nil || again.Parts > 0 {
				rt.Errorf("again: %+v, %v", again, err)
			}
		}
	})
}

// The files are the same whether units were packed when they were published or merged later.
func TestCompactMakesTheSamePack(t *testing.T) {
	packed, merged := t.TempDir(), t.TempDir()
	source := append(few(5), pipelinetest.NewUnit("v", 850, 9))
	mustMine(t, packed, source, spec("m1"), corpus.Options{Pack: 100})
	mustMine(t, merged, source, spec("m1"), corpus.Options{Pack: 2})
	if done, err := compact(merged, math.MaxInt64, corpus.Options{}); err != nil || done.Into != 1 {
		t.Fatal(done, err)
	}
	if diff := cmp.Diff(tables(t, packed), tables(t, merged)); diff != "" {
		t.Errorf("files (-packed +merged):\n%s", diff)
	}
}

// A damaged part is not merged: its damage would look sound.
func TestCompactLeavesDamage(t *testing.T) {
	root := t.TempDir()
	mustMine(t, root, few(3), spec("m1"), corpus.Options{})
	part, _ := corpus.PartOf(seen(t, root), "u01")
	path := filepath.Join(root, part.File("mentions").Path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	if done, err := compact(root, math.MaxInt64, corpus.Options{}); err != nil || done.Left != 3 || done.Parts != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if n := len(seen(t, root).Parts); n != 3 {
		t.Errorf("%d parts", n)
	}
}

// Wherever a compaction is killed, the corpus has the rows that it had, and the next one completes
// it.
func TestCompactSurvivesEveryFault(t *testing.T) {
	f := fault{kill: true, errno: func(int) syscall.Errno { return syscall.EINTR }}
	step := 1
	if testing.Short() {
		step = 17
	}
	calm := storetest.QuickDir(t)
	mustMine(t, calm, few(3), spec("m1"), corpus.Options{})
	before := rowsOf(t, calm)
	if _, err := compact(calm, math.MaxInt64, corpus.Options{}); err != nil {
		t.Fatal(err)
	}
	want := tables(t, calm)
	for n := 1; !t.Failed(); n += step {
		root := storetest.QuickDir(t)
		mustMine(t, root, few(3), spec("m1"), corpus.Options{})
		hook, reached := f.hook(n)
		_, err := compact(root, math.MaxInt64, corpus.Options{Fault: hook})
		done := !reached()
		if done && err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, rowsOf(t, root)); diff != "" {
			t.Fatalf("I/O %d (-before +after):\n%s", n, diff)
		}
		if _, err := compact(root, math.MaxInt64, corpus.Options{}); err != nil {
			t.Fatalf("I/O %d: %v", n, err)
		}
		verify(t, root)
		if diff := cmp.Diff(want, tables(t, root)); diff != "" {
			t.Fatalf("I/O %d (-calm +completed):\n%s", n, diff)
		}
		if done {
			t.Logf("a compaction has %d I/Os", n-1)
			return
		}
	}
}

// Compactions and collections beside a run change nothing of what the run leaves, and the run
// nothing of what they keep.
func TestManageBesideARun(t *testing.T) {
	root, calm := t.TempDir(), t.TempDir()
	var source pipelinetest.Source
	for i := range 30 {
		source = append(source, pipelinetest.NewUnit(fmt.Sprintf("u%02d", i), schemas.PMID(1+7*i), i%9))
	}
	replaced := pipelinetest.Source{pipelinetest.NewUnit("u03", 500, 3), pipelinetest.NewUnit("u20", 510, 9)}
	o := corpus.Options{Pack: 4, Replace: true}
	for _, s := range []pipelinetest.Source{source, replaced} {
		mustMine(t, calm, s, spec("m1"), o)
	}
	mustMine(t, root, source[:2], spec("m1"), o)
	stop := make(chan struct{})
	var managed sync.WaitGroup
	managed.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			err := manage(root, corpus.Options{}, func(m *corpus.Manager) error {
				_, err := m.Compact(context.Background(), 40_000, false)
				if err == nil {
					_, err = m.Collect(time.Nanosecond, false)
				}
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for _, s := range []pipelinetest.Source{source, replaced} {
		if _, err := mine(root, s, spec("m1"), o); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	managed.Wait()
	verify(t, root)
	if diff := cmp.Diff(rowsOf(t, calm), rowsOf(t, root)); diff != "" {
		t.Errorf("rows (-alone +managed):\n%s", diff)
	}
}

// Two managers do not work at once, and an edition is not switched beside a run.
func TestManagersExcludeEachOther(t *testing.T) {
	root := t.TempDir()
	mustMine(t, root, few(1), spec("m1"), corpus.Options{})
	sink, err := corpus.Create(root, spec("m1"), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	m, err := corpus.Manage(root, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := corpus.Manage(root, corpus.Options{}); !errors.Is(err, corpus.ErrLocked) {
		t.Errorf("a second manager: %v", err)
	}
	if err := m.Use(1, false); !errors.Is(err, corpus.ErrLocked) {
		t.Errorf("use beside a run: %v", err)
	}
}
