package corpus_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// A fault disturbs one I/O of a run, by its number.
type fault struct {
	name    string
	errno   func(n int) syscall.Errno
	kill    bool // every later I/O fails too, as if the process were gone
	noLinks bool // the file system has no hard links, so that records and snapshots may be torn
}

func faults() []fault {
	return []fault{
		{name: "error", errno: func(n int) syscall.Errno {
			return []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EDQUOT}[n%3]
		}},
		{name: "kill", errno: func(int) syscall.Errno { return syscall.EINTR }, kill: true},
		{
			name: "kill without hard links", errno: func(int) syscall.Errno { return syscall.EINTR }, kill: true,
			noLinks: true,
		},
	}
}

// hook returns a corpus.Options.Fault that disturbs I/O number n, and whether it got that far.
func (f fault) hook(n int) (hook func(op, path string) error, reached func() bool) {
	var mu sync.Mutex
	calls := 0
	hook = func(op, path string) error {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == n || f.kill && calls > n {
			return &fs.PathError{Op: op, Path: path, Err: f.errno(n)}
		}
		if f.noLinks && op == "link" {
			return syscall.EOPNOTSUPP
		}
		return nil
	}
	return hook, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return calls >= n
	}
}

// A scenario is a corpus at the start, and a run that will be disturbed.
type scenario struct {
	name   string
	before func(t *testing.T, root string)
	source pipelinetest.Source
	spec   corpus.Configuration
	direct bool
	pack   int
}

func (s *scenario) options() corpus.Options {
	return corpus.Options{Direct: s.direct, Pack: s.pack, Replace: s.pack > 0}
}

func scenarios(t *testing.T) []scenario {
	updates := script(t, "pubmed26n%04d")
	small := pipelinetest.Source{pipelinetest.NewUnit("a", 100, 6), pipelinetest.NewUnit("b", 200, 1)}
	return []scenario{
		{name: "new corpus", before: func(*testing.T, string) {}, source: small, spec: spec("m1")},
		{name: "another model", before: func(t *testing.T, root string) {
			mustMine(t, root, small[1:], spec("m1"), corpus.Options{})
		}, source: small[1:], spec: spec("m2")},
		{name: "revisions", before: func(t *testing.T, root string) {
			mustMine(t, root, updates[:1], spec("m1"), corpus.Options{})
		}, source: updates[10:11], spec: spec("m1")},
		{
			name: "without checkpoints", before: func(*testing.T, string) {}, source: updates[10:11],
			spec: spec("m1"), direct: true,
		},
		{
			name: "packs", before: func(t *testing.T, root string) {
				mustMine(t, root, few(3), spec("m1"), corpus.Options{Pack: 6})
			}, source: pipelinetest.Source{
				pipelinetest.NewUnit("u01", 500, 5), pipelinetest.NewUnit("u03", 501, 1),
				pipelinetest.NewUnit("u04", 502, 2),
			}, spec: spec("m1"), pack: 6,
		},
	}
}

// Whatever I/O fails, and wherever the process is killed, the corpus stays readable and the next
// run leaves the same published files as an undisturbed one, and nothing else.
func TestEveryFaultIsSurvived(t *testing.T) {
	for _, s := range scenarios(t) {
		calm := storetest.QuickDir(t)
		s.before(t, calm)
		mustMine(t, calm, s.source, s.spec, s.options())
		want, units := tables(t, calm), seen(t, calm).Units()
		for _, f := range faults() {
			if f.noLinks && s.name != "another model" {
				continue // this one is the shortest, and has records to lose
			}
			if !f.kill && s.name == "revisions" {
				continue // the others have the same I/Os to fail
			}
			t.Run(s.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				step := 1
				if testing.Short() {
					step = 23
				}
				n := 1
				for survives(t, s, f, n, want, units) && !t.Failed() {
					n += step
				}
				t.Logf("a run has at most %d I/Os", n-1)
			})
		}
	}
}

// survives disturbs I/O n of a run, and reports whether the run got that far.
func survives(t *testing.T, s scenario, f fault, n int, want map[string]string, units []corpus.Record) bool {
	root := filepath.Join(storetest.QuickDir(t), "corpus")
	defer os.RemoveAll(root)
	s.before(t, root)
	hook, reached := f.hook(n)
	o := s.options()
	o.Fault = hook
	_, err := mine(root, s.source, s.spec, o)
	if !reached() {
		if err != nil {
			t.Fatal(err)
		}
		return false
	}
	if err != nil && !f.kill && !corpus.Temporary(err) {
		t.Errorf("I/O %d: %v is not temporary", n, err)
	}
	if what := halfPublished(root); what != "" {
		t.Errorf("I/O %d (%v): %s", n, err, what)
	}
	if _, err := mine(root, s.source, s.spec, s.options()); err != nil {
		t.Fatalf("I/O %d: resume: %v", n, err)
	}
	verify(t, root)
	if diff := cmp.Diff(want, tables(t, root)); diff != "" {
		t.Fatalf("I/O %d (-calm +resumed):\n%s", n, diff)
	}
	if diff := cmp.Diff(units, seen(t, root).Units()); diff != "" { // and with it the order of the history
		t.Fatalf("I/O %d: units (-calm +resumed):\n%s", n, diff)
	}
	for _, folder := range []string{"meta/work", "meta/tmp"} {
		if got := tree(t, root, folder); len(got) > 0 {
			t.Fatalf("I/O %d: %s has files: %v", n, folder, got)
		}
	}
	return true
}

// halfPublished describes a live unit with missing files, if a reader would see one.
func halfPublished(root string) string {
	c, err := corpus.Open(root)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, corpus.ErrNotCorpus) {
		return ""
	}
	if err != nil {
		return err.Error()
	}
	s, err := c.Snapshot()
	if err != nil {
		return err.Error()
	}
	for _, table := range schemas.Tables() {
		for _, f := range s.Seen().Files(table.Name) {
			if info, err := os.Stat(c.Path(f)); err != nil || info.Size() != f.Bytes {
				return fmt.Sprintf("%s is live and not whole: %v", f.Path, err)
			}
		}
	}
	return ""
}

// A run on a real file system that fills up stops in good order, and continues when there is space.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs tmpfs")
	}
	mount := t.TempDir()
	if err := syscall.Mount("tmpfs", mount, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(mount, 0); err != nil {
			t.Error(err)
		}
	})
	root := filepath.Join(mount, "corpus")
	var big pipelinetest.Source
	for i := range 8 {
		big = append(big, pipelinetest.NewUnit(fmt.Sprintf("u%d", i), 1000, 40))
	}
	_, err := mine(root, big, spec("m1"), corpus.Options{})
	if !errors.Is(err, corpus.ErrNoSpace) || !corpus.Temporary(err) {
		t.Fatalf("got %v", err)
	}
	if what := halfPublished(root); what != "" {
		t.Error(what)
	}
	if err := syscall.Mount("", mount, "", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	mustMine(t, root, big, spec("m1"), corpus.Options{})
	calm := t.TempDir()
	mustMine(t, calm, big, spec("m1"), corpus.Options{})
	if diff := cmp.Diff(tables(t, calm), tables(t, root)); diff != "" {
		t.Error(diff)
	}
}
