package delta_test

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
)

// restored is the history from a version on: the whole of it, and the commits after it.
func restored(version int64) (whole delta.Commit, commits []delta.Commit) {
	all := history()
	whole = delta.Commit{Version: version, Time: day(version), Operation: "RESTORE"}
	switch version {
	case 1:
		whole.Add = all[1].Add
	case 2, 3:
		whole.Add = append(all[2].Add, all[1].Add[1])
	}
	return whole, all[version+1:]
}

// Whatever files of a log are lost or damaged, Restore gives the same newest version; where all
// commits are known, the same bytes.
func TestRestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp("", "restore-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(root)
		dir := store.New(root, nil)
		l := newLog(dir)
		for _, c := range history() {
			if err := l.Commit(c); err != nil {
				t.Fatal(err)
			}
			if c.Version == 2 && rapid.Bool().Draw(t, "checkpoint") {
				if err := l.Checkpoint(2, day(0)); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := read(t, l, -1)
		keys, err := dir.List(".")
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]string{}
		for _, key := range keys {
			data, err := dir.Get(key)
			if err != nil {
				t.Fatal(err)
			}
			before[key] = string(data)
			path := dir.Path(key)
			switch rapid.IntRange(0, 3).Draw(t, key) {
			case 0:
				err = os.Remove(path)
			case 1:
				err = os.WriteFile(path, data[:rapid.IntRange(0, len(data)-1).Draw(t, "at")], 0o666)
			case 2:
				data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
				err = os.WriteFile(path, data, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		from := rapid.Int64Range(-1, 3).Draw(t, "from")
		err = l.Restore(restored(from))
		if errors.Is(err, delta.ErrConflict) {
			return // a flipped bit made it the commit of another program
		}
		if err == nil {
			err = l.Verify()
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, read(t, l, -1)); diff != "" {
			t.Fatal(diff)
		}
		for key, data := range before {
			found, err := dir.Get(key)
			if err != nil && from < 0 && path.Ext(key) == ".json" {
				t.Errorf("%s: %v", key, err)
			}
			if err == nil && from < 0 && string(found) != data {
				t.Errorf("%s differs", key)
			}
		}
	})
}

// A log that is as it should be does not change, and commits and files of others stay.
func TestRestoreKeeps(t *testing.T) {
	root := t.TempDir()
	l := newLog(store.New(root, nil))
	commit(t, l, history()...)
	if err := l.Checkpoint(2, day(0)); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(root, filepath.FromSlash(logDir), "notes.txt")
	if err := os.WriteFile(note, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	before := content(t, root)
	for from := int64(-1); from <= 3; from++ {
		if err := l.Restore(restored(from)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, content(t, root)); diff != "" {
			t.Errorf("from %d:\n%s", from, diff)
		}
	}
	foreign := filepath.Join(root, filepath.FromSlash(commitFile(4)))
	if err := os.WriteFile(foreign, []byte(`{"commitInfo":{"operation":"OPTIMIZE"}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := l.Restore(restored(-1)); !errors.Is(err, delta.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
}

// Commits of ours after the newest version are of a history that was lost.
func TestRestoreDropsLaterCommits(t *testing.T) {
	root := t.TempDir()
	l := newLog(store.New(root, nil))
	commit(t, l, history()[:3]...)
	want := content(t, root)
	commit(t, l, history()[3])
	if err := l.Checkpoint(3, day(0)); err != nil {
		t.Fatal(err)
	}
	whole, commits := restored(0)
	if err := l.Restore(whole, commits[:2]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, content(t, root)); diff != "" {
		t.Error(diff)
	}
}
