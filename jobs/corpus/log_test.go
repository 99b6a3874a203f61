package corpus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// somePart is a part with one unit and one file; the key depends on n.
func somePart(unit string, n int) Part {
	key := unitKey("fingerprint", fmt.Sprint(unit, n))
	release, _ := releaseOf(unit)
	p := Part{Name: unit, Key: key, Time: time.UnixMilli(int64(n)).UTC(), Units: []Record{{
		Unit: unit, Release: release, Sequence: int64(n), Digest: fmt.Sprint(unit, n), Stamp: "s",
	}}}
	p.Units[0].Counts.Add(nil)
	p.Files = []File{{Table: "documents", Path: filePath("documents", folder(unit, key)), SHA256: digest(nil)}}
	return p
}

// drawCommit makes a commit that fits a snapshot.
func drawCommit(t *rapid.T, s *Snapshot) commit {
	n := int(s.Version) + 1
	c := commit{
		Format: format, Version: s.Version + 1, Time: time.UnixMilli(int64(n)).UTC(), Operation: "WRITE",
		Current: s.Current,
	}
	if n == 0 {
		c.ID = "id"
		return c
	}
	id := rapid.IntRange(1, 3).Draw(t, "edition")
	e := s.Edition(id)
	if e == nil {
		e = &Edition{ID: id, Fingerprint: fmt.Sprint(id), Created: c.Time}
	}
	c.Edition = e.header()
	for i := range e.Parts {
		if rapid.IntRange(0, 9).Draw(t, "remove") == 0 {
			c.Remove = append(c.Remove, e.Parts[i].stem())
		}
	}
	added := map[string]bool{}
	for range rapid.IntRange(0, 2).Draw(t, "parts") {
		name := rapid.StringMatching(`[a-e]`).Draw(t, "name")
		if !added[name] {
			c.Add = append(c.Add, somePart(name, rapid.IntRange(1, 3).Draw(t, "content")))
		}
		added[name] = true
	}
	if rapid.Bool().Draw(t, "switch") {
		c.Current = id
	} else if len(s.Editions) > 1 && rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
		if first := s.Editions[0].ID; first != id && first != s.Current {
			c.Drop = []int{first}
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "forget") == 0 {
		c.Forget = c.Time.Add(-2 * time.Millisecond)
	}
	return c
}

// Whatever the commits, and wherever checkpoints are: the log gives the snapshot that the commits
// make, every file is either of an edition or removed, and what changes for readers is the
// difference of what they see.
func TestLogGivesTheNewestSnapshot(t *testing.T) {
	root := storetest.QuickDir(t)
	rapid.Check(t, func(t *rapid.T) {
		dir := store.New(filepath.Join(root, fmt.Sprint(time.Now().UnixNano())), nil)
		s := Snapshot{Format: format, Version: -1}
		visible := map[string]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "commits") {
			c := drawCommit(t, &s)
			next, err := s.apply(&c)
			if err != nil {
				t.Fatal(err)
			}
			add, remove := visibleChange(&s, &next, &c)
			for _, p := range remove {
				delete(visible, p.stem())
			}
			for _, p := range add {
				visible[p.stem()] = true
			}
			if err := dir.PutIfAbsent(commitPath(c.Version), encode(&c)); err != nil {
				t.Fatal(err)
			}
			if s = next; rapid.IntRange(0, 4).Draw(t, "checkpoint") == 0 {
				if err := writeCheckpoint(dir, &s); err != nil {
					t.Fatal(err)
				}
			}
		}
		h, err := readLog(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(encode(s)), string(encode(h.newest))); diff != "" {
			t.Errorf("(-commits +log):\n%s", diff)
		}
		want := map[string]bool{}
		for _, p := range s.Seen().Parts {
			want[p.stem()] = true
		}
		if diff := cmp.Diff(want, visible); diff != "" {
			t.Errorf("seen (-snapshot +changes):\n%s", diff)
		}
		live := s.livePaths()
		for _, r := range s.Removed {
			for _, f := range r.Files {
				if live[f.Path] {
					t.Errorf("%s is live and removed", f.Path)
				}
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	c := commit{Format: format, Version: 3, Add: []Part{somePart("a", 1)}}
	f.Add(encode(c))
	f.Add(encode(Snapshot{Format: format, Version: 3}))
	f.Add([]byte("{}\n{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got commit
		if decode(data, &got) == nil && got.Format != format {
			t.Errorf("accepted %+v", got)
		}
	})
}

// Every byte of a file of the log counts.
func TestDecodeSeesEveryFlippedBit(t *testing.T) {
	data := encode(commit{Format: format, Version: 3, Add: []Part{somePart("a", 1)}})
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			var got commit
			if err := decode(data, &got); err == nil {
				t.Fatalf("bit %d of byte %d (%q) goes unnoticed", bit, i, data[i])
			}
			data[i] ^= 1 << bit
		}
		if err := decode(data[:i], new(commit)); err == nil {
			t.Fatalf("cut at %d goes unnoticed", i)
		}
	}
}

// Two sinks that hold no lock (a network file system without one) and work the same units at once
// publish each unit once.
func TestTwoSinksAtOnce(t *testing.T) {
	root := storetest.QuickDir(t)
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
	s, err := corpus.Snapshot()
	if units := s.Seen().Units(); err != nil || len(units) != 3 || units[0].Counts.Rows["documents"] != 9-1 {
		t.Errorf("%+v, %v", units, err)
	}
}

// manyUnits makes a corpus of n units with empty files.
func manyUnits(t testing.TB, root string, n int) []string {
	t.Helper()
	s, err := Create(root, Configuration{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var names []string
	var parts []Part
	for i := range n {
		p := somePart(fmt.Sprintf("pubmed26n%04d", i+1), 1)
		place(t, root, p.Files[0].Path, nil)
		parts, names = append(parts, p), append(names, p.Name)
	}
	err = s.commit(func(live *Snapshot) (*commit, error) {
		e := s.newEdition()
		return &commit{Operation: "WRITE", Current: e.ID, Edition: e, Add: parts}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A corpus of 1,500 units opens, and every unit is known to be published without its digest.
func TestManyUnits(t *testing.T) {
	root := storetest.QuickDir(t)
	names := manyUnits(t, root, 1500)
	s, err := Create(root, Configuration{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range names {
		done, err := s.Committed(schemas.Unit{Name: name, Stamp: "s"}, nil)
		if err != nil || !done {
			t.Fatalf("unit %s: %v, %v", name, done, err)
		}
	}
}

func place(t testing.TB, root, key string, data []byte) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// What opening and one commit cost beside 15 and 1,500 units.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{15, 1500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			root := b.TempDir()
			manyUnits(b, root, n)
			s, err := Create(root, Configuration{}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			for i := 0; b.Loop(); i++ {
				p := somePart("x", i)
				place(b, root, p.Files[0].Path, nil)
				if err := s.commitPart(p, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen1500(b *testing.B) {
	root := b.TempDir()
	manyUnits(b, root, 1500)
	for b.Loop() {
		s, err := Create(root, Configuration{}, Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
