package corpus_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// spec is that of a run by mine.
func spec(model string) corpus.Configuration {
	return corpus.Configuration{
		Schema: schemas.Version, Model: model, ModelDigest: model, Tasks: []string{"ner"},
		Precision: "float32", Chunk: 4, GroupTokens: 100,
	}
}

func source() pipelinetest.Source {
	return pipelinetest.Source{
		pipelinetest.NewUnit("a", 100, 10), pipelinetest.NewUnit("b", 200, 0), pipelinetest.NewUnit("c", 300, 5),
	}
}

// mine runs the source into the corpus, as a new process would.
func mine(
	root string, source pipeline.Source, spec corpus.Configuration, o corpus.Options,
) (report pipeline.Report, err error) {
	sink, err := corpus.Create(root, spec, o)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	return pipeline.Run(context.Background(), pipeline.Pipeline{
		Source: source, Preparer: pipelinetest.Preparer{Window: 2}, Encoder: &pipelinetest.Encoder{Width: 2},
		Tasks: []pipeline.Task{pipelinetest.Task{Label: "Chemical"}}, Sink: sink, Model: spec.Model,
		Options: pipeline.Options{Chunk: spec.Chunk, GroupTokens: spec.GroupTokens, Workers: 2},
	})
}

func mustMine(
	t *testing.T, root string, source pipeline.Source, spec corpus.Configuration, o corpus.Options,
) pipeline.Report {
	t.Helper()
	report, err := mine(root, source, spec, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Failed) > 0 {
		t.Fatal(report.Failed[0].Err)
	}
	verify(t, root)
	return report
}

func verify(t *testing.T, root string) {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := c.Verify()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

func snapshot(t *testing.T, root string) corpus.Snapshot {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// seen returns the edition that readers see.
func seen(t *testing.T, root string) *corpus.Edition {
	t.Helper()
	s := snapshot(t, root)
	return s.Seen()
}

// tree returns the files below a directory, and fails the test if there is an error.
func tree(t *testing.T, root, folder string) map[string]string {
	t.Helper()
	sums, err := files(root, folder)
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// tables maps every file below tables/, by table and name, to its sha256, and checks that the data
// files of the current edition are the same.
func tables(t *testing.T, root string) map[string]string {
	t.Helper()
	current, err := filepath.EvalSymlinks(filepath.Join(root, "tables"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for path, sum := range tree(t, current, ".") {
		table, name, ok := strings.Cut(path, "/"+filepath.Base(current)+"/")
		if !ok {
			t.Errorf("%s: %s is not below a table", current, path)
		}
		if name != "+empty.parquet" {
			sums[table+"/"+name] = sum
		}
	}
	for _, table := range schemas.Tables() {
		for _, f := range seen(t, root).Files(table.Name) {
			name := strings.TrimSuffix(filepath.Base(f.Path), ".parquet")
			if got := sums[table.Name+"/"+name[:len(name)-9]+".parquet"]; got != f.SHA256 {
				t.Errorf("below tables/ is another file than %s", f.Path)
			}
		}
	}
	return sums
}

// files maps every file below a folder of the corpus to the sha256 of its content.
func files(root, folder string) (map[string]string, error) {
	sums := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Type() == fs.ModeSymlink {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		rel, _ := filepath.Rel(root, path)
		sums[filepath.ToSlash(rel)] = hex.EncodeToString(sum[:])
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return sums, err
}

func TestRunPublishesTables(t *testing.T) {
	root := filepath.Join(storetest.QuickDir(t), "new", "corpus")
	report := mustMine(t, root, source(), spec("m1"), corpus.Options{})
	if diff := cmp.Diff([]string{"a", "b", "c"}, report.Done); diff != "" {
		t.Error(diff)
	}
	s := seen(t, root)
	if diff := cmp.Diff(report.Counts, s.Counts()); diff != "" {
		t.Errorf("counts (-run +corpus):\n%s", diff)
	}
	units := s.Units()
	if len(units) != 3 || units[0].FirstPMID != 100 || units[0].LastPMID != 109 || units[0].Chunks != 3 {
		t.Errorf("units %+v", units)
	}
	documents := 0
	for _, p := range s.Files("documents") {
		rows, err := readTable[schemas.DocumentRow](filepath.Join(root, filepath.FromSlash(p.Path)))
		if err != nil {
			t.Fatal(err)
		}
		documents += len(rows)
		if int64(len(rows)) != p.Rows {
			t.Errorf("%s has %d rows, the snapshot says %d", p.Path, len(rows), p.Rows)
		}
	}
	if documents != 14 {
		t.Errorf("%d documents", documents)
	}
	for folder, want := range map[string]int{"meta/log": 4, "meta/work": 0, "meta/tmp": 0} {
		if got := tree(t, root, folder); len(got) != want {
			t.Errorf("%s has %d files, not %d: %v", folder, len(got), want, got)
		}
	}
}

func TestFilesDependOnInputAndSpecAlone(t *testing.T) {
	one, two := storetest.QuickDir(t), storetest.QuickDir(t)
	mustMine(t, one, source(), spec("m1"), corpus.Options{})
	stamped := source()
	for i := range stamped {
		stamped[i].Stamp = "another time"
	}
	mustMine(t, two, stamped, spec("m1"), corpus.Options{})
	if diff := cmp.Diff(tables(t, one), tables(t, two)); diff != "" {
		t.Error(diff)
	}
}

func TestNothingToDo(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	before := tree(t, root, ".")
	touched := source()
	touched[0].Stamp = "touched"
	report := mustMine(t, root, touched, spec("m1"), corpus.Options{})
	if len(report.Skipped) != 3 || report.Records != 0 {
		t.Errorf("%+v", report)
	}
	if diff := cmp.Diff(before, tree(t, root, ".")); diff != "" {
		t.Error(diff)
	}
}

func snapshotUnit(t *testing.T, root, name string) (corpus.Record, bool) {
	t.Helper()
	return seen(t, root).Unit(name)
}

func TestOtherContentUnderTheSameNameIsRefused(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	before := tables(t, root)
	changed := pipelinetest.Source{pipelinetest.NewUnit("a", 500, 3)}
	report, err := mine(root, changed, spec("m1"), corpus.Options{})
	if err != nil || len(report.Failed) != 1 || !strings.Contains(report.Failed[0].Err.Error(), "other content") {
		t.Fatalf("%+v, %v", report, err)
	}
	if diff := cmp.Diff(before, tables(t, root)); diff != "" {
		t.Error(diff)
	}
	mustMine(t, root, changed, spec("m1"), corpus.Options{Replace: true})
	if r, _ := snapshotUnit(t, root, "a"); r.FirstPMID != 500 || r.Counts.Rows["documents"] != 3 {
		t.Errorf("%+v", r)
	}
}

func TestSecondRunIsLockedOut(t *testing.T) {
	root := storetest.QuickDir(t)
	sink, err := corpus.Create(root, spec("m1"), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := corpus.Create(root, spec("m1"), corpus.Options{}); !errors.Is(err, corpus.ErrLocked) ||
		!corpus.Temporary(err) {
		t.Errorf("got %v", err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
}

func TestSink(t *testing.T) {
	pipelinetest.RunSink(t, func(t *testing.T) pipelinetest.SinkUnderTest {
		root := storetest.QuickDir(t)
		var last *corpus.Sink
		t.Cleanup(func() { last.Close() })
		return pipelinetest.SinkUnderTest{
			Open: func() pipeline.Sink {
				if last != nil {
					last.Close()
				}
				sink, err := corpus.Create(root, spec("m1"), corpus.Options{})
				if err != nil {
					t.Fatal(err)
				}
				last = sink
				return sink
			},
			Rows: func(unit string) map[string]int64 {
				r, ok := snapshotUnit(t, root, unit)
				if !ok {
					return nil
				}
				return r.Counts.Rows
			},
		}
	})
}

// readTable returns all rows of a file of row type T.
func readTable[T any](path string) (rows []T, err error) {
	for row, err := range parquetio.Scan[T](path) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
