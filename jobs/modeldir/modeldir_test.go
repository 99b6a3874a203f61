package modeldir_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/model/catalog"
)

func create(t *testing.T, dir string, o modeldir.Options) *modeldir.Writer {
	t.Helper()
	w, err := modeldir.Create(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// write writes a model whose files hold text, each under the names given.
func write(dir, text string, o modeldir.Options, names ...string) error {
	w, err := modeldir.Create(dir, o)
	if err != nil {
		return err
	}
	defer w.Close()
	for _, name := range names {
		if err := w.Put(name, []byte(text+name)); err != nil {
			return err
		}
	}
	return w.Commit(catalog.Card{Name: text})
}

// list returns the files below a directory.
func list(t *testing.T, dir string) []string {
	t.Helper()
	keys, err := store.New(dir, nil).List(".")
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestCommit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "model")
	w := create(t, dir, modeldir.Options{})
	for _, text := range []string{"first", "{}"} {
		if err := w.Put("config.json", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := w.Write("abc", func(out io.Writer) error {
		_, err := io.WriteString(out, "abc")
		return err
	})
	if err != nil || sum != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("sum %s, %v", sum, err)
	}
	if data, err := fs.ReadFile(w, "config.json"); err != nil || string(data) != "{}" {
		t.Errorf("a staged file reads %q, %v", data, err)
	}
	if _, err := w.Open("vocab.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that was not staged: %v", err)
	}
	if keys := list(t, dir); slices.Contains(keys, "config.json") {
		t.Errorf("seen before Commit: %v", keys)
	}
	if err := w.Commit(catalog.Card{Name: "small"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	m, err := catalog.Resolve(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.Card.Name != "small" || m.Card.SHA256["abc"] != sum {
		t.Errorf("card %+v", m.Card)
	}
	if keys := list(t, dir); !slices.Equal(keys, []string{"abc", "config.json", catalog.CardFile}) {
		t.Errorf("the directory holds %v", keys)
	}
	if _, err := os.Stat(filepath.Join(dir, "meta")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("meta is left: %v", err)
	}
}

func TestNamesAreChecked(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "model"), modeldir.Options{})
	defer w.Close()
	for _, name := range []string{catalog.CardFile, "", "../x", "a/b", `a\b`, ".x", "meta"} {
		if err := w.Put(name, nil); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	if err := w.Put("config.json", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(catalog.Card{}); err == nil || !strings.Contains(err.Error(), "name is empty") {
		t.Errorf("a card without a name: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	root := t.TempDir()
	at := func(name string, keys ...string) string {
		for _, key := range keys {
			if err := store.New(filepath.Join(root, name), nil).Put(key, nil); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(root, name)
	}
	complete := filepath.Join(root, "complete")
	if err := write(complete, "old", modeldir.Options{}, "a"); err != nil {
		t.Fatal(err)
	}
	busy := create(t, filepath.Join(root, "busy"), modeldir.Options{})
	defer busy.Close()
	for _, c := range []struct {
		dir     string
		replace bool
		want    error
		text    string
	}{
		{at("notes", "notes.txt"), true, modeldir.ErrTaken, "notes.txt"},
		{at("corpus", "meta/spec.json", "tables/t.parquet"), true, modeldir.ErrTaken, "meta"},
		{at("file", "x") + "/x", true, modeldir.ErrTaken, "new directory"},
		{complete, false, modeldir.ErrComplete, "complete model"},
		{filepath.Join(root, "busy"), false, store.ErrLocked, "another command"},
	} {
		before := list(t, root)
		_, err := modeldir.Create(c.dir, modeldir.Options{Replace: c.replace})
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%s: %v", c.dir, err)
		}
		if after := list(t, root); !slices.Equal(before, after) {
			t.Errorf("%s: changed from %v to %v", c.dir, before, after)
		}
	}
}

func TestReplaceKeepsOtherFiles(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, "old", modeldir.Options{}, "a", "b"); err != nil {
		t.Fatal(err)
	}
	if err := store.New(dir, nil).Put("README.md", []byte("about")); err != nil {
		t.Fatal(err)
	}
	w := create(t, dir, modeldir.Options{Replace: true})
	if err := w.Put("b", []byte("new")); err != nil {
		t.Fatal(err)
	}
	if m, err := catalog.Resolve(dir); err != nil || m.Card.Name != "old" {
		t.Errorf("the old model before Commit: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := write(dir, "new", modeldir.Options{Replace: true}, "b", "c"); err != nil {
		t.Fatal(err)
	}
	if keys := list(t, dir); !slices.Equal(keys, []string{"README.md", "b", "c", catalog.CardFile}) {
		t.Errorf("the directory holds %v", keys)
	}
	if m, err := catalog.Resolve(dir); err != nil || m.Card.Name != "new" {
		t.Errorf("the new model: %v", err)
	}
}

func TestStateOfTrainingStaysUntilCommit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	w := create(t, dir, modeldir.Options{})
	state := w.State()
	for _, name := range []string{"state", "old"} {
		_, err := state.Write(name, func(out io.Writer) error {
			_, err := io.WriteString(out, "7")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(state.Remove("old"), state.Remove("never"), w.Put("a", nil), w.Close(), w.Close())
	if err != nil {
		t.Fatal(err)
	}
	w = create(t, dir, modeldir.Options{})
	if data, err := fs.ReadFile(w.State(), "state"); err != nil || string(data) != "7" {
		t.Errorf("%q, %v", data, err)
	}
	if entries, err := fs.ReadDir(w.State(), "."); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if _, err := w.State().Open("old"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a removed file: %v", err)
	}
	if _, err := w.Open("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a staged file of a closed writer: %v", err)
	}
	if err := errors.Join(w.Put("a", nil), w.Commit(catalog.Card{Name: "m"}), w.Close()); err != nil {
		t.Fatal(err)
	}
	if keys := list(t, dir); !slices.Equal(keys, []string{"a", catalog.CardFile}) {
		t.Errorf("the directory holds %v", keys)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	w := create(t, dir, modeldir.Options{})
	if err := errors.Join(w.Put("a", nil), w.Close()); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

// Whatever I/O fails or is the last before a crash, a card never stands over files that it does not
// match, and a second attempt succeeds.
func TestNoCardOverOtherFiles(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
	}{
		{"new", func(*testing.T, string) {}},
		{"replace", func(t *testing.T, dir string) {
			if err := write(dir, "old", modeldir.Options{}, "a", "b"); err != nil {
				t.Fatal(err)
			}
		}},
		{"resume", func(t *testing.T, dir string) {
			w := create(t, dir, modeldir.Options{})
			defer w.Close()
			if _, err := w.State().Write("state", func(io.Writer) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		for _, crash := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, crash %v", c.name, crash), func(t *testing.T) {
				for n, done := 1, false; !done; n++ {
					dir := filepath.Join(t.TempDir(), "model")
					c.prepare(t, dir)
					done = failAt(t, dir, n, crash)
				}
			})
		}
	}
}

// failAt replaces or writes a model with the n-th I/O failing, and reports whether there were
// fewer.
func failAt(t *testing.T, dir string, n int, crash bool) (done bool) {
	t.Helper()
	check := func(moment string, names ...string) {
		if _, err := os.Stat(filepath.Join(dir, catalog.CardFile)); err != nil {
			return
		}
		if m, err := catalog.Resolve(dir); err != nil || !slices.Contains(names, m.Card.Name) {
			t.Fatalf("I/O %d, %s: %v", n, moment, err)
		}
	}
	calls := 0
	o := modeldir.Options{Replace: true, Fault: func(op, path string) error {
		check("before "+op+" "+path, "old", "new")
		if calls++; calls == n || crash && calls > n {
			return &fs.PathError{Op: op, Path: path, Err: syscall.EIO}
		}
		return nil
	}}
	err := write(dir, "new", o, "b", "c")
	check("after", "old", "new")
	_, statErr := os.Stat(filepath.Join(dir, catalog.CardFile))
	if err == nil && statErr != nil {
		t.Fatalf("I/O %d: no error and no card", n)
	}
	if err := write(dir, "again", modeldir.Options{Replace: true}, "b", "c"); err != nil {
		t.Fatalf("I/O %d, the next attempt: %v", n, err)
	}
	check("at the end", "again")
	for _, key := range list(t, dir) {
		if strings.HasPrefix(key, "meta") {
			t.Fatalf("I/O %d: %s is left", n, key)
		}
	}
	return calls < n
}

func TestFinishedByAnEarlierAttempt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	crashed := false
	o := modeldir.Options{Fault: func(op, path string) error {
		if crashed = crashed || op == "remove" && strings.HasSuffix(path, "model.lock"); crashed {
			return syscall.EIO
		}
		return nil
	}}
	if err := write(dir, "m", o, "a"); !errors.Is(err, store.ErrIO) {
		t.Fatal(err)
	}
	for _, want := range []error{modeldir.ErrFinished, modeldir.ErrComplete} {
		if _, err := modeldir.Create(dir, modeldir.Options{}); !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
	}
}

// The card is removed durably before a file is replaced, and written after all files are durable.
func TestOrderOfDurability(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, "old", modeldir.Options{}, "a"); err != nil {
		t.Fatal(err)
	}
	var names []string
	o := modeldir.Options{Replace: true, Fault: func(op, path string) error {
		if name, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(name, "meta") && op != "mkdir" {
			names = append(names, op+" "+name)
		}
		return nil
	}}
	if err := write(dir, "new", o, "a", "b"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"read " + catalog.CardFile, "remove " + catalog.CardFile, "syncdir .",
		"rename a", "syncdir .", "rename b", "syncdir .", "rename " + catalog.CardFile, "syncdir .",
	}
	if !slices.Equal(names[max(0, len(names)-len(want)):], want) {
		t.Errorf("the order is %q", names)
	}
}
