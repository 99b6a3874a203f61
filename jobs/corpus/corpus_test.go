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
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// spec is that of a run by mine.
func spec(model string) corpus.Configuration {
	return corpus.Configuration{
		Schema: schemas.Version, Model: model, ModelDigest: model, Tasks: []string{"Chemical"},
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

// tree returns the files below a directory, and fails the test if there is an error.
func tree(t *testing.T, root, folder string) map[string]string {
	t.Helper()
	sums, err := files(root, folder)
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// files maps every file below a folder of the corpus to the sha256 of its content.
func files(root, folder string) (map[string]string, error) {
	sums := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
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
	root := filepath.Join(corpus.QuickDir(t), "new", "corpus")
	report := mustMine(t, root, source(), spec("m1"), corpus.Options{})
	if diff := cmp.Diff([]string{"a", "b", "c"}, report.Done); diff != "" {
		t.Error(diff)
	}
	s := snapshot(t, root)
	if diff := cmp.Diff(report.Counts, s.Counts()); diff != "" {
		t.Errorf("counts (-run +corpus):\n%s", diff)
	}
	if len(s.Units) != 3 || s.Units[0].FirstPMID != 100 || s.Units[0].LastPMID != 109 || s.Units[0].Chunks != 3 {
		t.Errorf("units %+v", s.Units)
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
	for folder, want := range map[string]int{
		"tables": 3 * len(schemas.Tables()), "meta/units": 3, "meta/work": 0, "meta/tmp": 0, "meta/snapshots": 3,
	} {
		if got := tree(t, root, folder); len(got) != want {
			t.Errorf("%s has %d files, not %d: %v", folder, len(got), want, got)
		}
	}
}

func TestFilesDependOnInputAndSpecAlone(t *testing.T) {
	one, two := corpus.QuickDir(t), corpus.QuickDir(t)
	mustMine(t, one, source(), spec("m1"), corpus.Options{})
	stamped := source()
	for i := range stamped {
		stamped[i].Stamp = "another time"
	}
	mustMine(t, two, stamped, spec("m1"), corpus.Options{})
	if diff := cmp.Diff(tree(t, one, "tables"), tree(t, two, "tables")); diff != "" {
		t.Error(diff)
	}
}

func TestNothingToDo(t *testing.T) {
	root := corpus.QuickDir(t)
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

func TestAnotherModelReplacesTheUnit(t *testing.T) {
	root := corpus.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	first := tree(t, root, "tables")
	mustMine(t, root, source()[:1], spec("m2"), corpus.Options{})
	s := snapshot(t, root)
	models := ""
	for _, r := range s.Units {
		models += r.Unit + r.Model + " "
	}
	if models != "am2 bm1 cm1 " {
		t.Errorf("live: %s", models)
	}
	if n := len(tree(t, root, "meta/units")); n != 3 {
		t.Errorf("%d commit records", n)
	}
	mustMine(t, root, source(), spec("m1"), corpus.Options{}) // and back
	if diff := cmp.Diff(first, tree(t, root, "tables")); diff != "" {
		t.Error(diff)
	}
	if r, _ := snapshotUnit(t, root, "a"); r.Generation != 3 {
		t.Errorf("generation %d", r.Generation)
	}
}

func snapshotUnit(t *testing.T, root, name string) (corpus.Record, bool) {
	t.Helper()
	s := snapshot(t, root)
	return s.Unit(name)
}

func TestOtherContentUnderTheSameNameIsRefused(t *testing.T) {
	root := corpus.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	before := tree(t, root, "tables")
	changed := pipelinetest.Source{pipelinetest.NewUnit("a", 500, 3)}
	report, err := mine(root, changed, spec("m1"), corpus.Options{})
	if err != nil || len(report.Failed) != 1 || !strings.Contains(report.Failed[0].Err.Error(), "other content") {
		t.Fatalf("%+v, %v", report, err)
	}
	if diff := cmp.Diff(before, tree(t, root, "tables")); diff != "" {
		t.Error(diff)
	}
	mustMine(t, root, changed, spec("m1"), corpus.Options{Replace: true})
	if r, _ := snapshotUnit(t, root, "a"); r.FirstPMID != 500 || r.Counts.Rows["documents"] != 3 {
		t.Errorf("%+v", r)
	}
}

func TestSecondRunIsLockedOut(t *testing.T) {
	root := corpus.QuickDir(t)
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
		root := corpus.QuickDir(t)
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
