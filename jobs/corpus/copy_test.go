package corpus

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/jobs/store/storetest"
)

// drawLog writes a log with copies, and returns its newest snapshot.
func drawLog(t *rapid.T, dir *store.Dir) Snapshot {
	s := Snapshot{Format: format, Version: -1}
	for range rapid.IntRange(2, 12).Draw(t, "commits") {
		c := drawCommit(t, &s)
		next, err := s.apply(&c)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{commitPath(c.Version), copyPath(commitPath(c.Version))} {
			if err := dir.Put(file, encode(&c)); err != nil {
				t.Fatal(err)
			}
		}
		if s = next; rapid.IntRange(0, 4).Draw(t, "checkpoint") == 0 {
			if err := writeCheckpoint(dir, &s); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func contents(t rapid.TB, root, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	dir := store.New(root, nil)
	files, err := dir.List(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := dir.Get(f)
		if err != nil {
			t.Fatal(err)
		}
		found[f] = string(data)
	}
	return found
}

// hurt damages a file.
func hurt(t *rapid.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	switch rapid.SampledFrom([]string{"lose", "cut", "flip", "swap"}).Draw(t, "damage") {
	case "lose":
		err = os.Remove(file)
	case "cut":
		err = os.WriteFile(file, data[:rapid.IntRange(0, len(data)-1).Draw(t, "at")], 0o666)
	case "flip":
		data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		err = os.WriteFile(file, data, 0o666)
	case "swap":
		err = os.WriteFile(file, encode(commit{Format: format, Version: 1000}), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Whichever files of the log or their copies are damaged, but not both of one, readers see the
// newest snapshot, and healLog restores every file.
func TestLogIsReadFromItsCopy(t *testing.T) {
	root := storetest.QuickDir(t)
	rapid.Check(t, func(t *rapid.T) {
		base, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		dir := store.New(base, nil)
		s := drawLog(t, dir)
		want := contents(t, base, "meta")
		if whole := rapid.IntRange(0, 9).Draw(t, "whole"); whole == 0 {
			if err := dir.Remove(logDir); err != nil {
				t.Fatal(err)
			}
		} else {
			files, err := dir.List(logDir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				switch rapid.IntRange(0, 3).Draw(t, f) {
				case 0:
					hurt(t, dir.Path(f))
				case 1:
					hurt(t, dir.Path(copyPath(f)))
				}
			}
		}
		h, err := readLog(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(encode(s)), string(encode(h.newest))); diff != "" {
			t.Fatalf("(-commits +log):\n%s", diff)
		}
		if err := healLog(dir, &h, func(string) {}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, contents(t, base, "meta")); diff != "" {
			t.Fatalf("(-before +healed):\n%s", diff)
		}
	})
}

// Only if a commit and its copy are damaged, the log cannot be read; the message names the file and
// what to do.
func TestDamagedCommitAndCopy(t *testing.T) {
	for _, files := range [][]string{
		{"meta/log/0000000003.json", "meta/copy/0000000003.json"},
		{"meta/log/0000000001.json", "meta/copy/0000000001.json"},
	} {
		for name, damage := range map[string]func(file string) error{
			"lost": os.Remove, "cut": func(file string) error { return os.Truncate(file, 20) },
			"empty": func(file string) error { return os.Truncate(file, 0) },
		} {
			root := storetest.QuickDir(t)
			manyUnits(t, root, 2)
			twoCommits(t, root, 0)
			for _, f := range files {
				if err := damage(filepath.Join(root, f)); err != nil {
					t.Fatal(err)
				}
			}
			_, err := ReadSnapshot(root)
			if name == "lost" && files[0] == "meta/log/0000000003.json" {
				continue // the newest commit: nothing tells that it was there
			}
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path.Base(files[0])) ||
				!strings.Contains(err.Error(), "from a backup") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v %s: %v", files, name, err)
			}
		}
	}
}

// twoCommits adds two commits of units that begin with a number.
func twoCommits(t *testing.T, root string, first int) {
	t.Helper()
	s, err := Create(root, Configuration{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := first; i < first+2; i++ {
		p := somePart(fmt.Sprint("x", i), i)
		place(t, root, p.Files[0].Path, nil)
		if err := s.commitPart(p, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A run writes a copy of each commit, and writes copies again that were lost.
func TestCopiesAreKept(t *testing.T) {
	root := storetest.QuickDir(t)
	manyUnits(t, root, 2)
	twoCommits(t, root, 0)
	for range 2 {
		of := contents(t, root, copyDir)
		for file, data := range contents(t, root, logDir) {
			if of[copyPath(file)] != data {
				t.Errorf("%s has no equal copy", file)
			}
			delete(of, copyPath(file))
		}
		if len(of) > 0 {
			t.Errorf("copies of nothing: %v", of)
		}
		if err := os.RemoveAll(filepath.Join(root, copyDir)); err != nil {
			t.Fatal(err)
		}
		s, err := Create(root, Configuration{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}
