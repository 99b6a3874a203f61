package jobs_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// mineFiles mines files, each in a run of its own, and only the first records if limit is not 0.
func mineFiles(t *testing.T, root string, r jobs.Request, limit int, paths ...string) {
	t.Helper()
	components := build(t, r)
	defer components.Close()
	for _, path := range paths {
		in, err := sources.Files(path)
		if err != nil {
			t.Fatal(err)
		}
		source := pipeline.Source(in)
		if limit > 0 {
			source = pipeline.Limit(source, limit)
		}
		done, err := jobs.Run(context.Background(), source, components, jobs.RunOptions{Corpus: root})
		if err != nil || len(done.Report.Failed) > 0 {
			t.Fatal(err, done.Report.Failed)
		}
	}
}

// inputFiles writes n inputs.
func inputFiles(t *testing.T, n int) (paths []string) {
	t.Helper()
	for i := range n {
		paths = append(paths, filepath.Join(t.TempDir(), string(rune('a'+i))+".xml.gz"))
		xmlFile(t, paths[i], 100*i+1, 9, plain)
	}
	return paths
}

// cutFiles cuts the data files of a table, and returns what they were.
func cutFiles(t *testing.T, root, table string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "delta", table, "[a-z]*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	before := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		before[f] = string(data)
		if err := os.Truncate(f, 50); err != nil {
			t.Fatal(err)
		}
	}
	return before
}

// repaired repairs a corpus, and returns the problems that are left.
func repaired(t *testing.T, root string) []corpus.Problem {
	t.Helper()
	r, err := jobs.Repair(context.Background(), jobs.RepairOptions{Corpus: root, Log: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Problems
}

func checkRestored(t *testing.T, before map[string]string) {
	t.Helper()
	after := map[string]string{}
	for f := range before {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		after[f] = string(data)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
}

// However parts came about, they are computed again to the same bytes.
func TestRepairComputesParts(t *testing.T) {
	plain := jobs.Request{Tasks: []string{jobs.NoTasks}}
	for name, run := range map[string]func(t *testing.T, root string){
		"one":     func(t *testing.T, root string) { mineFiles(t, root, plain, 0, inputFiles(t, 1)...) },
		"limited": func(t *testing.T, root string) { mineFiles(t, root, plain, 4, inputFiles(t, 1)...) },
		"merged": func(t *testing.T, root string) {
			mineFiles(t, root, plain, 0, inputFiles(t, 3)...)
			m, err := corpus.Manage(root, corpus.Options{})
			if err != nil {
				t.Fatal(err)
			}
			done, err := m.Compact(context.Background(), math.MaxInt64, false)
			if err == nil {
				_, err = m.Collect(0, false)
			}
			if err := errors.Join(err, m.Close()); err != nil || done.Into != 1 {
				t.Fatal(done, err)
			}
		},
		"from the mirror": func(t *testing.T, root string) {
			path := inputFiles(t, 1)[0]
			mineFiles(t, root, plain, 0, path)
			mirror := filepath.Join(root, "mirror", "updatefiles")
			if err := errors.Join(os.CopyFS(mirror, os.DirFS(filepath.Dir(path))), os.Remove(path)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(storetest.QuickDir(t), "C")
			run(t, root)
			before := cutFiles(t, root, "documents")
			if left := repaired(t, root); len(left) > 0 {
				t.Error(left)
			}
			checkRestored(t, before)
		})
	}
}

// Without the model that made an edition its files are not computed, and the message tells which it
// was.
func TestRepairNeedsTheModel(t *testing.T) {
	model := jobstest.WriteModel(t, schemas.Tasks()...)
	root := filepath.Join(storetest.QuickDir(t), "C")
	mineFiles(t, root, jobs.Request{Model: model, Tasks: []string{schemas.TaskNER}}, 0, inputFiles(t, 1)...)
	cutFiles(t, root, "mentions")
	changes := []struct {
		want string
		do   func() error
	}{
		{"and here is another", func() error {
			changed := jobstest.WriteModel(t, schemas.TaskNER)
			return errors.Join(os.RemoveAll(model), os.CopyFS(model, os.DirFS(changed)))
		}},
		{"what made edition 1 is needed (model test", func() error { return os.RemoveAll(model) }},
	}
	for _, change := range changes {
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		left := repaired(t, root)
		if len(left) != 1 || !strings.Contains(left[0].What, change.want) {
			t.Errorf("%q: %v", change.want, left)
		}
	}
}

// A repair that is stopped continues when it is started again, and a run in the corpus excludes it.
func TestRepairIsStopped(t *testing.T) {
	root := filepath.Join(storetest.QuickDir(t), "C")
	mineFiles(t, root, jobs.Request{Tasks: []string{jobs.NoTasks}}, 0, inputFiles(t, 2)...)
	before := cutFiles(t, root, "sentences")
	ctx, cancel := context.WithCancel(context.Background())
	_, err := jobs.Repair(ctx, jobs.RepairOptions{Corpus: root, Log: func(string) { cancel() }})
	if stopped := (*jobs.StoppedError)(nil); !errors.As(err, &stopped) {
		t.Errorf("got %v", err)
	}
	m, err := corpus.ManageAlone(root, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = jobs.Repair(context.Background(), jobs.RepairOptions{Corpus: root, Log: func(string) {}})
	if !errors.Is(err, corpus.ErrLocked) {
		t.Errorf("beside a run: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if left := repaired(t, root); len(left) > 0 {
		t.Error(left)
	}
	checkRestored(t, before)
}
