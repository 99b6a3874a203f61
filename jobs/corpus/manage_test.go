package corpus_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/schemas"
)

// manage does something to a corpus, as a new process would.
func manage(root string, o corpus.Options, do func(*corpus.Manager) error) (err error) {
	m, err := corpus.Manage(root, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	return do(m)
}

// twoEditions makes a corpus of two complete editions, and returns the tables of each.
func twoEditions(t *testing.T) (root string, first, second map[string]string) {
	t.Helper()
	root = storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	first = tables(t, root)
	mustMine(t, root, source(), spec("m2"), corpus.Options{})
	return root, first, tables(t, root)
}

// Going back to an edition and forth gives its tables again; the one that readers see cannot be
// dropped.
func TestUseAndDrop(t *testing.T) {
	root, first, second := twoEditions(t)
	for _, step := range []struct {
		id   int
		want map[string]string
	}{{1, first}, {1, first}, {2, second}, {1, first}} {
		use := func(m *corpus.Manager) error { return m.Use(step.id, false) }
		if err := manage(root, corpus.Options{}, use); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, tables(t, root)); diff != "" {
			t.Errorf("edition %d: %s", step.id, diff)
		}
		verify(t, root)
	}
	for id, want := range map[int]string{1: "use another one first", 7: "does not exist"} {
		err := manage(root, corpus.Options{}, func(m *corpus.Manager) error { return m.Drop(id) })
		if wrong := (*corpus.EditionError)(nil); !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("edition %d: %v", id, err)
		}
	}
	if err := manage(root, corpus.Options{}, func(m *corpus.Manager) error { return m.Drop(2) }); err != nil {
		t.Fatal(err)
	}
	verify(t, root)
	if s := snapshot(t, root); len(s.Editions) != 1 || len(s.Removed) != 1 {
		t.Errorf("%d editions, %d removed", len(s.Editions), len(s.Removed))
	}
}

// An edition that lacks units of the current one is used only if that is allowed.
func TestUseOfAnIncompleteEdition(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	mustMine(t, root, source()[:1], spec("m2"), corpus.Options{})
	use := func(incomplete bool) error {
		return manage(root, corpus.Options{}, func(m *corpus.Manager) error { return m.Use(2, incomplete) })
	}
	if err := use(false); err == nil || !strings.Contains(err.Error(), "lacks 2 units of edition 1 (b, c)") {
		t.Errorf("got %v", err)
	}
	if err := use(true); err != nil || seen(t, root).ID != 2 {
		t.Errorf("edition %d, %v", seen(t, root).ID, err)
	}
}

// Whatever I/O of a collection fails, the current edition stays whole, and the next one leaves
// nothing of what was dropped.
func TestCollectSurvivesEveryFault(t *testing.T) {
	f := fault{kill: true, errno: func(int) syscall.Errno { return syscall.EINTR }}
	week := func() time.Time { return time.Now().Add(corpus.Retention + time.Hour) }
	step := 1
	if testing.Short() {
		step = 17
	}
	for n := 1; !t.Failed(); n += step {
		root, _, second := twoEditions(t)
		if err := manage(root, corpus.Options{}, func(m *corpus.Manager) error { return m.Drop(1) }); err != nil {
			t.Fatal(err)
		}
		collect := func(o corpus.Options, dry bool) (g corpus.Garbage, err error) {
			err = manage(root, o, func(m *corpus.Manager) error {
				g, err = m.Collect(corpus.Retention, dry)
				return err
			})
			return g, err
		}
		if g, err := collect(corpus.Options{}, false); err != nil || g.Files != 0 || g.Kept == 0 {
			t.Fatalf("removed before its time: %+v, %v", g, err)
		}
		if g, err := collect(corpus.Options{Now: week}, true); err != nil || g.Files == 0 || g.Kept != 0 {
			t.Fatalf("dry: %+v, %v", g, err)
		}
		hook, reached := f.hook(n)
		_, err := collect(corpus.Options{Now: week, Fault: hook}, false)
		done := !reached()
		if done && err != nil {
			t.Fatal(err)
		}
		if _, err := collect(corpus.Options{Now: week}, false); err != nil {
			t.Fatalf("I/O %d: %v", n, err)
		}
		verify(t, root)
		if diff := cmp.Diff(second, tables(t, root)); diff != "" {
			t.Fatalf("I/O %d:\n%s", n, diff)
		}
		for path := range tree(t, root, "delta") {
			if strings.HasSuffix(path, ".parquet") && !strings.Contains(path, "+empty") && !inEdition(t, root, path) {
				t.Fatalf("I/O %d: %s is left", n, path)
			}
		}
		if done {
			t.Logf("a collection has %d I/Os", n-1)
			return
		}
	}
}

func inEdition(t *testing.T, root, path string) bool {
	t.Helper()
	for _, table := range schemas.Tables() {
		for _, f := range seen(t, root).Files(table.Name) {
			if f.Path == path {
				return true
			}
		}
	}
	return false
}
