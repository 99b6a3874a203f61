package store_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/store"
)

func get(t *testing.T, d *store.Dir, key string) string {
	t.Helper()
	data, err := d.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func put(t *testing.T, d *store.Dir, key, data string) {
	t.Helper()
	if err := d.Put(key, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func TestPutReplaces(t *testing.T) {
	d := store.New(filepath.Join(t.TempDir(), "new", "root"), nil)
	put(t, d, "a/b/c.json", "one")
	put(t, d, "a/b/c.json", "two")
	if got := get(t, d, "a/b/c.json"); got != "two" {
		t.Errorf("got %q", got)
	}
	if _, err := d.Get("a/b/d.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	keys, err := d.List("a")
	if err != nil || !slices.Equal(keys, []string{"a/b/c.json"}) {
		t.Errorf("%v, %v", keys, err)
	}
	if keys, err := d.List(store.Temp); err != nil || len(keys) != 0 {
		t.Errorf("temporary files left: %v, %v", keys, err)
	}
}

func TestPutIfAbsentHasOneWinner(t *testing.T) {
	for name, fault := range map[string]func(op, path string) error{
		"with hard links": nil,
		"without": func(op, _ string) error {
			if op == "link" {
				return syscall.EOPNOTSUPP
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for round := range 20 {
				key := fmt.Sprintf("meta/snapshots/%06d.json", round)
				var wg sync.WaitGroup
				won := make([]bool, 8)
				for i := range won {
					wg.Go(func() {
						err := store.New(root, fault).PutIfAbsent(key, []byte(fmt.Sprint(i)))
						if won[i] = err == nil; err != nil && !errors.Is(err, fs.ErrExist) {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				winner := slices.Index(won, true)
				if winner < 0 || slices.Contains(won[winner+1:], true) {
					t.Fatalf("winners: %v", won)
				}
				if got := get(t, store.New(root, nil), key); got != fmt.Sprint(winner) {
					t.Errorf("%d won, but %q stands there", winner, got)
				}
			}
		})
	}
}

func TestFileIsUnseenUntilPublished(t *testing.T) {
	d := store.New(t.TempDir(), nil)
	f, err := d.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "abc"); err != nil {
		t.Fatal(err)
	}
	if f.Size() != 3 || f.Sum() != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("size %d, sum %s", f.Size(), f.Sum())
	}
	if err := f.Seal(); err != nil {
		t.Fatal(err)
	}
	if keys, _ := d.List("tables"); len(keys) != 0 {
		t.Errorf("seen before Publish: %v", keys)
	}
	if err := f.Publish("tables/t.parquet"); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	if got := get(t, d, "tables/t.parquet"); got != "abc" {
		t.Errorf("got %q", got)
	}
	if keys, _ := d.List(store.Temp); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	d := store.New(t.TempDir(), nil)
	for _, seal := range []bool{false, true} {
		f, err := d.Create()
		if err != nil {
			t.Fatal(err)
		}
		if seal {
			if err := f.Seal(); err != nil {
				t.Fatal(err)
			}
		}
		f.Discard()
		f.Discard()
	}
	if keys, _ := d.List("."); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}

func TestRemove(t *testing.T) {
	d := store.New(t.TempDir(), nil)
	put(t, d, "work/u/1", "x")
	put(t, d, "work/u/2", "y")
	put(t, d, "work/v/1", "z")
	for _, key := range []string{"work/u", "work/u", "nothing/at/all"} {
		if err := d.Remove(key); err != nil {
			t.Error(err)
		}
	}
	if keys, _ := d.List("work"); !slices.Equal(keys, []string{"work/v/1"}) {
		t.Errorf("left: %v", keys)
	}
}

func TestLockHasOneHolder(t *testing.T) {
	root := t.TempDir()
	release, err := store.New(root, nil).Lock("meta/lock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.New(root, nil).Lock("meta/lock"); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second lock: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = store.New(root, nil).Lock("meta/lock")
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestErrorsAreClassified(t *testing.T) {
	for errno, want := range map[syscall.Errno]error{
		syscall.ENOSPC: store.ErrNoSpace, syscall.EDQUOT: store.ErrNoSpace, syscall.EIO: store.ErrIO,
		syscall.EACCES: fs.ErrPermission,
	} {
		for _, op := range []string{"mkdir", "create", "write", "sync", "close", "rename", "syncdir"} {
			d := store.New(t.TempDir(), func(o, p string) error {
				if o == op {
					return &fs.PathError{Op: o, Path: p, Err: errno}
				}
				return nil
			})
			if err := d.Put("a/b", []byte("0123456789")); !errors.Is(err, want) || !errors.Is(err, errno) {
				t.Errorf("%v in %s: %v", errno, op, err)
			}
		}
	}
}

// Put fails whole or succeeds whole, whatever I/O fails or is the last before a crash.
func TestPutIsAtomic(t *testing.T) {
	for _, crash := range []bool{false, true} {
		for n := 1; ; n++ {
			root := t.TempDir()
			put(t, store.New(root, nil), "dir/file", "old")
			calls := 0
			d := store.New(root, func(string, string) error {
				if calls++; calls == n || crash && calls > n {
					return syscall.EIO
				}
				return nil
			})
			err := d.Put("dir/file", []byte("new content"))
			got := get(t, store.New(root, nil), "dir/file")
			if got != "old" && got != "new content" || err == nil && got != "new content" {
				t.Fatalf("I/O %d (crash %v): %q stands there, error %v", n, crash, got, err)
			}
			if calls < n {
				break
			}
		}
	}
}

// Nothing gets its name before its content is durable, and no call returns before the name is.
func TestOrderOfDurability(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		root, err := os.MkdirTemp(t.TempDir(), "*")
		if err != nil {
			rt.Fatal(err)
		}
		var synced bool
		named := map[string]bool{} // directories with a name that is not durable yet
		d := store.New(root, func(op, p string) error {
			switch op {
			case "create":
				synced = false
			case "sync":
				synced = true
			case "rename", "link":
				if !synced {
					rt.Errorf("%s of %s before the content is durable", op, p)
				}
				named[path.Dir(p)] = true
			case "mkdir":
				if p != root {
					named[path.Dir(p)] = true
				}
			case "syncdir":
				delete(named, p)
			}
			return nil
		})
		for i := range rapid.IntRange(1, 6).Draw(rt, "files") {
			key := strings.Join(
				rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3).Draw(rt, "folders"), "/",
			) + fmt.Sprintf(
				"/f%d", i,
			)
			write := rapid.SampledFrom([]func(string, []byte) error{d.Put, d.PutIfAbsent}).Draw(rt, "write")
			if err := write(key, []byte(key)); err != nil {
				rt.Fatal(err)
			}
			if len(named) > 0 {
				rt.Errorf("%s is written, but names in %v are not durable", key, named)
			}
		}
	})
}

func TestPublishedFilesAreReadableByOthers(t *testing.T) {
	d := store.New(t.TempDir(), nil)
	put(t, d, "tables/a.parquet", "x")
	if err := d.PutIfAbsent("meta/a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want, err := os.Stat(plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"tables/a.parquet", "meta/a.json"} {
		info, err := os.Stat(d.Path(key))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want.Mode() {
			t.Errorf("%s has mode %v, a plain file %v", key, info.Mode(), want.Mode())
		}
	}
}

func TestRename(t *testing.T) {
	d := store.New(t.TempDir(), nil)
	put(t, d, "a/x.part", "new")
	put(t, d, "b/x", "old")
	if err := d.Rename("a/x.part", "b/x"); err != nil {
		t.Fatal(err)
	}
	if got := get(t, d, "b/x"); got != "new" {
		t.Errorf("got %q", got)
	}
	if err := d.Rename("a/x.part", "b/x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestFailedRenameKeepsBothFiles(t *testing.T) {
	for _, op := range []string{"sync", "rename"} {
		root := t.TempDir()
		put(t, store.New(root, nil), "x.part", "new")
		put(t, store.New(root, nil), "x", "old")
		failing := store.New(root, func(got, _ string) error {
			if got == op {
				return syscall.EIO
			}
			return nil
		})
		if err := failing.Rename("x.part", "x"); !errors.Is(err, store.ErrIO) {
			t.Errorf("%s: %v", op, err)
		}
		d := store.New(root, nil)
		if got := get(t, d, "x") + get(t, d, "x.part"); got != "oldnew" {
			t.Errorf("%s: %q are left", op, got)
		}
	}
}
