package delta_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// golden compares data with a file of testdata.
func golden(t *testing.T, name string, data []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(data)); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
}

func newLog(dir *store.Dir) *delta.Log { return delta.New(dir, schemas.Tables()[1], "a corpus") }

// day returns the time of a version in tests.
func day(n int64) time.Time {
	return time.Date(2026, 1, 1, 12, 0, 0, 123e6, time.UTC).AddDate(0, 0, int(n))
}

func file(path string, rows int64) delta.File {
	return delta.File{
		Path: path + ".parquet", Rows: rows, Bytes: 100 * rows, Time: day(rows), FirstPMID: int32(rows),
		LastPMID: int32(10 * rows),
	}
}

// history is a log of three versions.
func history() []delta.Commit {
	first, second := file("a-0011", 3), file("pubmed26/b.c_d", 4)
	second.FirstPMID, second.LastPMID = 0, 0
	return []delta.Commit{
		{Time: day(0), Operation: "CREATE TABLE", Info: map[string]string{"version": "0.1", "edition": "<1> & \"é\""}},
		{Version: 1, Time: day(1), Operation: "WRITE", Add: []delta.File{first, second}},
		{Version: 2, Time: day(2), Operation: "MERGE", Add: []delta.File{file("e", 5)}, Remove: []delta.File{first}},
		{Version: 3, Time: day(3), Operation: "WRITE"},
	}
}

func commit(t *testing.T, l *delta.Log, commits ...delta.Commit) {
	t.Helper()
	for _, c := range commits {
		if err := l.Commit(c); err != nil {
			t.Fatal(err)
		}
	}
}

const logDir = "delta/sentences/_delta_log/"

func version(t *testing.T, l *delta.Log) int64 {
	t.Helper()
	v, err := l.Version()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCommitFiles(t *testing.T) {
	t.Parallel()
	dir := store.New(t.TempDir(), nil)
	l := newLog(dir)
	if v := version(t, l); v != -1 {
		t.Errorf("no table: version %d", v)
	}
	var all bytes.Buffer
	for i, c := range history() {
		commit(t, l, c, c)
		if v := version(t, l); v != int64(i) {
			t.Errorf("version %d after commit %d", v, i)
		}
	}
	keys, err := dir.List("delta")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		data, err := dir.Get(key)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(key + "\n" + string(data) + "\n")
	}
	golden(t, "commits.txt", all.Bytes())
}

// TestSchemas writes version 0 of every table: testdata/schemas.json has the schemas of all.
func TestSchemas(t *testing.T) {
	t.Parallel()
	got, ids := map[string]any{}, map[string]bool{}
	for _, table := range schemas.Tables() {
		for _, corpus := range []string{"a", "b"} {
			dir := store.New(t.TempDir(), nil)
			commit(t, delta.New(dir, table, corpus), delta.Commit{Operation: "CREATE TABLE"})
			data, err := dir.Get(delta.Dir(table.Name) + "/_delta_log/00000000000000000000.json")
			if err != nil {
				t.Fatal(err)
			}
			var line struct {
				MetaData struct{ ID, SchemaString string }
			}
			if err := json.Unmarshal(bytes.Split(data, []byte("\n"))[2], &line); err != nil {
				t.Fatal(err)
			}
			ids[line.MetaData.ID] = true
			got[table.Name] = json.RawMessage(line.MetaData.SchemaString)
		}
	}
	if len(ids) != 2*len(got) {
		t.Errorf("%d identities of %d tables in 2 corpora", len(ids), len(got))
	}
	data, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schemas.json", append(data, '\n'))
}

// Another program's commit stays, and the error names it.
func TestConflict(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]string{
		"with commitInfo":    `{"commitInfo":{"timestamp":1,"operation":"WRITE","operationParameters":{"mode":"Append","n":[1]}}}`,
		"without commitInfo": `{"add":{"path":"x.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}`,
		"unknown action":     "{\"txn\":{\"appId\":\"x\",\"version\":1}}\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := store.New(root, nil)
			l := newLog(dir)
			commit(t, l, history()[:1]...)
			key := logDir + "00000000000000000001.json"
			if err := dir.Put(key, []byte(foreign)); err != nil {
				t.Fatal(err)
			}
			err := l.Commit(history()[1])
			if !errors.Is(err, delta.ErrConflict) || !strings.Contains(err.Error(), dir.Path(key)) {
				t.Errorf("error %v", err)
			}
			if data, _ := dir.Get(key); string(data) != foreign {
				t.Errorf("replaced by %s", data)
			}
		})
	}
	l := newLog(store.New(t.TempDir(), nil))
	commit(t, l, history()...)
	other := history()[3]
	other.Info = map[string]string{"edition": "2"}
	if err := l.Commit(other); !errors.Is(err, delta.ErrConflict) {
		t.Errorf("other content of our own: %v", err)
	}
}

// A commit that a crash has torn, or that was damaged later, is replaced by the same or another
// content.
func TestDamagedCommitIsReplaced(t *testing.T) {
	t.Parallel()
	dir := store.New(t.TempDir(), nil)
	l := newLog(dir)
	commit(t, l, history()[:2]...)
	key := logDir + "00000000000000000001.json"
	whole, err := dir.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(whole); i += 7 {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		for _, damaged := range [][]byte{whole[:i], flipped} {
			if err := os.WriteFile(dir.Path(key), damaged, 0o666); err != nil {
				t.Fatal(err)
			}
			commit(t, l, history()[1])
			if data, _ := dir.Get(key); !bytes.Equal(data, whole) {
				t.Fatalf("byte %d: not repaired: %s", i, data)
			}
		}
	}
}

func TestBadCommits(t *testing.T) {
	t.Parallel()
	l := newLog(store.New(t.TempDir(), nil))
	commit(t, l, history()[0])
	for name, c := range map[string]delta.Commit{
		"gap":            {Version: 2},
		"below 0":        {Version: -1},
		"absolute":       {Version: 1, Add: []delta.File{{Path: "/a"}}},
		"outside":        {Version: 1, Add: []delta.File{{Path: "../a"}}},
		"escape":         {Version: 1, Add: []delta.File{{Path: "a%20b"}}},
		"empty":          {Version: 1, Remove: []delta.File{{}}},
		"twice":          {Version: 1, Add: []delta.File{{Path: "a"}, {Path: "a"}}},
		"added, removed": {Version: 1, Add: []delta.File{{Path: "a"}}, Remove: []delta.File{{Path: "a"}}},
	} {
		if err := l.Commit(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := l.Commit(delta.Commit{Version: 2}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a gap: %v", err)
	}
	if v := version(t, l); v != 0 {
		t.Errorf("version %d", v)
	}
}

// failing returns a tree in which the n-th I/O fails, and those after it if it is a crash; without
// hard links for every other n.
func failing(root string, n int, crash bool, calls *int) *store.Dir {
	return store.New(root, func(op, _ string) error {
		*calls++
		if op == "link" && (n%2 == 0) == crash {
			return syscall.EOPNOTSUPP
		}
		if *calls == n || crash && *calls > n {
			return syscall.EIO
		}
		return nil
	})
}

// content returns the files below delta/.
func content(t *testing.T, root string) map[string]string {
	t.Helper()
	dir := store.New(root, nil)
	keys, err := dir.List("delta")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, key := range keys {
		data, err := dir.Get(key)
		if err != nil {
			t.Fatal(err)
		}
		files[key] = string(data)
	}
	return files
}

// write makes a log with every operation.
func write(l *delta.Log) error {
	for _, c := range history() {
		if err := l.Commit(c); err != nil {
			return err
		}
		if c.Version%2 == 0 {
			continue
		}
		if err := l.Checkpoint(c.Version, day(1)); err != nil {
			return err
		}
	}
	return l.Clean(3)
}

// Whatever I/O fails, repeating the commits, or else the last operations, gives the same log.
func TestRepeatAfterFaults(t *testing.T) {
	t.Parallel()
	undisturbed, total := t.TempDir(), 0
	if err := write(newLog(failing(undisturbed, -1, false, &total))); err != nil {
		t.Fatal(err)
	}
	want := content(t, undisturbed)
	for n := range 2 * total {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			root, calls, crash := t.TempDir(), 0, n >= total
			failed := write(newLog(failing(root, 1+n%total, crash, &calls)))
			l := newLog(store.New(root, nil))
			again := write(l)
			if errors.Is(again, fs.ErrNotExist) && version(t, l) == 3 { // it failed in Clean
				again = l.Clean(3)
			}
			if err := errors.Join(again, l.Verify()); err != nil {
				t.Fatalf("I/O %d of %d (crash %v): %v, then %v", n%total, total, crash, failed, err)
			}
			if diff := cmp.Diff(want, content(t, root)); diff != "" {
				t.Fatalf("I/O %d of %d (crash %v):\n%s", n%total, total, crash, diff)
			}
		})
	}
}
