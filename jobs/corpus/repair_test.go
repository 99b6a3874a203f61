package corpus_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

func remove(t *testing.T, root string, pattern string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	for _, f := range found {
		if err := os.RemoveAll(f); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, root, key, content string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// truncate cuts a file.
func truncate(t *testing.T, root, pattern string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	if err := os.Truncate(found[0], 100); err != nil {
		t.Fatal(err)
	}
}

// Whatever of these is lost or left behind, the next run makes the corpus whole.
func TestRepairs(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, root string){
		"a torn commit": func(t *testing.T, root string) {
			write(t, root, "meta/log/0000000004.json", `{"format":2,"version":4,"un`)
		},
		"no corpus.json":       func(t *testing.T, root string) { remove(t, root, "corpus.json") },
		"a broken corpus.json": func(t *testing.T, root string) { write(t, root, "corpus.json", `{"format":3}`) },
		"a lost commit":        func(t *testing.T, root string) { remove(t, root, "meta/log/*2.json") },
		"no log":               func(t *testing.T, root string) { remove(t, root, "meta/log") },
		"no copy of the log":   func(t *testing.T, root string) { remove(t, root, "meta/copy") },
		"a lost file":          func(t *testing.T, root string) { remove(t, root, "delta/mentions/a-*") },
		"a file that was cut":  func(t *testing.T, root string) { truncate(t, root, "delta/mentions/a-*") },
		"a lost link":          func(t *testing.T, root string) { remove(t, root, "tables/mentions/*/a.parquet") },
		"all links lost":       func(t *testing.T, root string) { remove(t, root, "tables") },
		"no file without rows": func(t *testing.T, root string) { remove(t, root, "delta/answers/*.parquet") },
		"a lost Delta log":     func(t *testing.T, root string) { remove(t, root, "delta/mentions/_delta_log") },
		"a lost Delta commit": func(t *testing.T, root string) {
			remove(t, root, "delta/mentions/_delta_log/*3.json")
		},
		"an orphaned file": func(t *testing.T, root string) {
			write(t, root, "delta/mentions/a-01234567.parquet", "PAR1")
		},
		"a temporary file": func(t *testing.T, root string) { write(t, root, "meta/tmp/123456", "PAR1") },
	} {
		t.Run(name, func(t *testing.T) {
			root := storetest.QuickDir(t)
			mustMine(t, root, source(), spec("m1"), corpus.Options{})
			want := tables(t, root)
			damage(t, root)
			mustMine(t, root, source(), spec("m1"), corpus.Options{})
			if diff := cmp.Diff(want, tables(t, root)); diff != "" {
				t.Error(diff)
			}
			report := mustMine(t, root, source(), spec("m1"), corpus.Options{})
			if len(report.Skipped) != 3 {
				t.Errorf("a third run still had something to do: %+v", report)
			}
		})
	}
}

func TestForeignFilesAreNamedAndKept(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	notes := []string{
		"delta/mentions/notes.txt", "delta/notes.txt", "meta/log/README", "meta/notes.txt", "meta/work/x", "notes.txt",
	}
	for _, path := range notes {
		write(t, root, path, "mine")
	}
	if _, err := mine(root, source(), spec("m1"), corpus.Options{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems(t, root) {
		got = append(got, p.Path)
	}
	if diff := cmp.Diff(notes, got); diff != "" {
		t.Errorf("(-foreign +reported):\n%s", diff)
	}
}

func problems(t *testing.T, root string) []corpus.Problem {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Verify()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestVerifySeesEveryFlippedByte(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source()[:1], spec("m1"), corpus.Options{})
	var files []string
	for _, table := range schemas.Tables() {
		for _, f := range seen(t, root).Files(table.Name) {
			files = append(files, f.Path)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(root, filepath.FromSlash(rapid.SampledFrom(files).Draw(rt, "file")))
		data, err := os.ReadFile(path)
		if err != nil {
			rt.Fatal(err)
		}
		at, bit := rapid.IntRange(0, len(data)-1).Draw(rt, "at"), rapid.IntRange(0, 7).Draw(rt, "bit")
		flip := func() {
			data[at] ^= 1 << bit
			if err := os.WriteFile(path, data, 0o666); err != nil {
				rt.Fatal(err)
			}
		}
		flip()
		if got := problems(t, root); len(got) != 1 || !strings.Contains(got[0].What, "other bytes") {
			rt.Errorf("%v", got)
		}
		flip()
	})
}

// A checkpoint that is cut or has a flipped bit is computed again, and never trusted.
func TestDamagedCheckpointsAreComputedAgain(t *testing.T) {
	calm := storetest.QuickDir(t)
	one := pipelinetest.Source{pipelinetest.NewUnit("a", 100, 10)}
	mustMine(t, calm, one, spec("m1"), corpus.Options{})
	want := tables(t, calm)
	rapid.Check(t, func(rt *rapid.T) {
		root, err := os.MkdirTemp(calm, "damaged-*")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(root)
		stopped := errors.New("stopped before the commit")
		_, err = mine(root, one, spec("m1"), corpus.Options{Fault: func(op, path string) error {
			if op == "rename" && strings.Contains(path, "documents/a-") {
				return stopped
			}
			return nil
		}})
		if !errors.Is(err, stopped) {
			rt.Fatal(err)
		}
		chunks, err := filepath.Glob(filepath.Join(root, "meta/work/*/chunk-*.arrow"))
		if err != nil || len(chunks) != 3 {
			rt.Fatal(chunks, err)
		}
		path := rapid.SampledFrom(chunks).Draw(rt, "chunk")
		data, err := os.ReadFile(path)
		if err != nil {
			rt.Fatal(err)
		}
		at := rapid.IntRange(0, len(data)-1).Draw(rt, "at")
		if rapid.Bool().Draw(rt, "cut") {
			data = data[:at]
		} else {
			data[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			rt.Fatal(err)
		}
		report, err := mine(root, one, spec("m1"), corpus.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		if report.Records > 4 {
			rt.Errorf("%d records computed again for one chunk of 4", report.Records)
		}
		if diff := cmp.Diff(want, tables(t, root)); diff != "" {
			rt.Error(diff)
		}
	})
}

func TestWhatIsNoCorpusIsRefused(t *testing.T) {
	newer := t.TempDir()
	write(t, newer, "corpus.json", `{"format":99}`)
	other := t.TempDir()
	write(t, other, "thesis.tex", "years of work")
	meta := t.TempDir()
	write(t, meta, "meta/data.db", "not ours")
	broken := t.TempDir()
	write(t, broken, "corpus.json", `{`)
	file := filepath.Join(other, "thesis.tex")
	for root, want := range map[string]error{
		newer: corpus.ErrFormat, other: corpus.ErrNotCorpus, meta: corpus.ErrNotCorpus, broken: corpus.ErrNotCorpus,
		file: corpus.ErrNotCorpus,
	} {
		before := tree(t, root, ".")
		if _, err := corpus.Create(root, spec("m1"), corpus.Options{}); !errors.Is(err, want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("Create %s: %v", root, err)
		}
		if _, err := corpus.Open(root); !errors.Is(err, want) {
			t.Errorf("Open %s: %v", root, err)
		}
		if diff := cmp.Diff(before, tree(t, root, ".")); diff != "" {
			t.Errorf("%s was changed:\n%s", root, diff)
		}
	}
	if _, err := corpus.Open(filepath.Join(other, "missing")); err == nil {
		t.Error("a missing directory was opened")
	}
	if _, err := corpus.Open(t.TempDir()); !errors.Is(err, corpus.ErrNotCorpus) {
		t.Error("an empty directory was opened")
	}
}

func TestUnwritableCorpus(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EACCES, syscall.EROFS, syscall.EPERM} {
		_, err := corpus.Create(
			filepath.Join(t.TempDir(), "c"),
			spec("m1"),
			corpus.Options{Fault: func(op, path string) error {
				if op == "mkdir" || op == "create" {
					return &os.PathError{Op: op, Path: path, Err: errno}
				}
				return nil
			}},
		)
		if !errors.Is(err, corpus.ErrNotWritable) || corpus.Temporary(err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v", errno, err)
		}
	}
}

func TestBadUnitNamesAreRefused(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../x", "a/b", ".hidden", "a b", "é", strings.Repeat("a", 201)} {
		bad := pipelinetest.NewUnit(name, 1, 1)
		report, err := mine(storetest.QuickDir(t), pipelinetest.Source{bad}, spec("m1"), corpus.Options{})
		if err != nil || len(report.Failed) != 1 {
			t.Errorf("%q: %+v, %v", name, report, err)
		}
	}
}

// A checkpoint that is damaged after the run has looked at it is found at the commit, and removed.
func TestCheckpointDamagedDuringTheRun(t *testing.T) {
	root := storetest.QuickDir(t)
	one := pipelinetest.Source{pipelinetest.NewUnit("a", 100, 10)}
	done := false
	_, err := mine(root, one, spec("m1"), corpus.Options{Fault: func(op, path string) error {
		if op == "open" && strings.HasSuffix(path, "chunk-0001.arrow") && !done {
			done = true
			return os.Truncate(path, 100)
		}
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "run again") {
		t.Fatalf("got %v", err)
	}
	if left := tables(t, root); len(left) != 0 {
		t.Errorf("published: %v", left)
	}
	if report := mustMine(t, root, one, spec("m1"), corpus.Options{}); report.Records != 4 {
		t.Errorf("%d records computed again for one chunk of 4", report.Records)
	}
}
