package corpus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

func someRecord(unit string, generation int) Record {
	r := Record{
		Format: format, Unit: unit, Release: local, Generation: generation,
		Fingerprint: Configuration{}.Fingerprint(), Stamp: "s",
	}
	r.Digest = fmt.Sprint(unit, generation)
	r.Key = unitKey(r.Fingerprint, r.Digest)
	r.Counts.Add(nil)
	for _, t := range schemas.Tables() {
		r.Files = append(r.Files, File{Table: t.Name, Path: filePath(t.Name, local, unit, r.Key), SHA256: digest(nil)})
	}
	return r
}

// However records are spread over snapshots, the live one of each unit is that of the highest
// generation, and units stay sorted.
func TestSnapshotKeepsTheHighestGenerations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Snapshot
		want := map[string]int{}
		for range rapid.IntRange(0, 8).Draw(t, "snapshots") {
			var records []Record
			for range rapid.IntRange(0, 4).Draw(t, "records") {
				r := someRecord(
					rapid.StringMatching(`[a-c]`).Draw(t, "unit"), rapid.IntRange(1, 5).Draw(t, "generation"),
				)
				records = append(records, r)
				want[r.Unit] = max(want[r.Unit], r.Generation)
			}
			before := slices.Clone(s.Units)
			next := s.with(records...)
			if !cmp.Equal(before, s.Units) {
				t.Error("the older snapshot was changed")
			}
			if next.Number != s.Number+1 {
				t.Errorf("number %d follows %d", next.Number, s.Number)
			}
			s = next
		}
		got := map[string]int{}
		for _, r := range s.Units {
			got[r.Unit] = r.Generation
		}
		if diff := cmp.Diff(want, got); diff != "" ||
			!slices.IsSortedFunc(s.Units, func(a, b Record) int { return byName(a, b.Unit) }) {
			t.Errorf("units %v: %s", s.Units, diff)
		}
	})
}

// Writers that publish at once lose nothing of each other.
func TestWritersAtOnceAddToEachOther(t *testing.T) {
	dir := store.New(QuickDir(t), nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				if _, err := publish(dir, Snapshot{}, someRecord(fmt.Sprintf("u%d-%d", i, j), 1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s, files, err := newestSnapshot(dir)
	if err != nil || s.Number != 40 || len(s.Units) != 40 || len(files) != keepSnapshots {
		t.Errorf("number %d, %d units, %d files, %v", s.Number, len(s.Units), len(files), err)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	r := someRecord("a", 1)
	f.Add(r.encode())
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":2,"unit":"a"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decodeRecord(recordPath(r.Unit, r.Key), data)
		if err == nil && (got.Unit != r.Unit || got.Key[:16] != r.Key[:16] || got.Format != format) {
			t.Errorf("accepted %+v", got)
		}
	})
}

// Two sinks that hold no lock (a network file system without one) and work the same units at once
// publish each unit once.
func TestTwoSinksAtOnce(t *testing.T) {
	root := QuickDir(t)
	source := pipelinetest.Source{
		pipelinetest.NewUnit("a", 100, 9), pipelinetest.NewUnit("b", 200, 4), pipelinetest.NewUnit("c", 300, 4),
	}
	spec := Configuration{Schema: schemas.Version, Chunk: 4}
	run := func(lock bool) error {
		s, err := open(root, spec, Options{}, lock)
		if err != nil {
			return err
		}
		_, err = pipeline.Run(context.Background(), pipeline.Pipeline{
			Source: source, Preparer: pipelinetest.Preparer{}, Sink: s, Options: pipeline.Options{Chunk: 4}})
		return errors.Join(err, s.Close())
	}
	var wg sync.WaitGroup
	failed := make([]error, 2)
	for i := range failed {
		wg.Go(func() { failed[i] = run(false) })
	}
	wg.Wait()
	if err := run(true); err != nil {
		t.Fatalf("%v after %v", err, failed)
	}
	corpus, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := corpus.Verify()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v (the two ended with %v)", problems, err, failed)
	}
	if s, _ := corpus.Snapshot(); len(s.Units) != 3 || s.Units[0].Counts.Rows["documents"] != 9-1 {
		t.Errorf("%+v", s.Units)
	}
}

// A corpus of 1,500 units opens in a moment, and knows at once that there is nothing to do.
func TestManyUnitsOpenQuickly(t *testing.T) {
	root := QuickDir(t)
	spec := Configuration{}
	if s, err := Create(root, spec, Options{}); err != nil {
		t.Fatal(err)
	} else if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var records []Record
	for i := range 1500 {
		r := someRecord(fmt.Sprintf("pubmed26n%04d", i), 1)
		records = append(records, r)
		place(t, root, recordPath(r.Unit, r.Key), r.encode())
		for _, p := range r.Files {
			place(t, root, p.Path, nil)
		}
	}
	if _, err := publish(store.New(root, nil), Snapshot{}, records...); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s, err := Create(root, spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, r := range records {
		done, err := s.Committed(schemas.Unit{Name: r.Unit, Stamp: "s"}, nil)
		if err != nil || !done {
			t.Fatalf("unit %s: %v, %v", r.Unit, done, err)
		}
	}
	took := time.Since(start)
	t.Logf("opened in %v", took)
	if took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func place(t *testing.T, root, key string, data []byte) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkPublishLastOf1500(b *testing.B) {
	dir := store.New(b.TempDir(), nil)
	var records []Record
	for i := range 1500 {
		records = append(records, someRecord(fmt.Sprintf("pubmed26n%04d", i), 1))
	}
	s, err := publish(dir, Snapshot{}, records...)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if s, err = publish(dir, s, records[0]); err != nil {
			b.Fatal(err)
		}
	}
}
