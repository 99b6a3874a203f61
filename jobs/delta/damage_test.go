package delta_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
)

// damage calls f with the file cut at many places, and with many bits flipped.
func damage(t *testing.T, dir *store.Dir, key string, f func(at int)) {
	t.Helper()
	whole, err := dir.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(whole); i += 1 + len(whole)/80 {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		for _, data := range [][]byte{whole[:i], flipped} {
			if err := os.WriteFile(dir.Path(key), data, 0o666); err != nil {
				t.Fatal(err)
			}
			f(i)
		}
	}
	if err := os.WriteFile(dir.Path(key), whole, 0o666); err != nil {
		t.Fatal(err)
	}
}

// Damage is always found. A damaged checkpoint harms nobody while the commits are there, and Clean
// does not trust it.
func TestDamagedCheckpoint(t *testing.T) {
	t.Parallel()
	dir := store.New(t.TempDir(), nil)
	l := newLog(dir)
	commit(t, l, history()...)
	want := read(t, l, -1)
	if err := errors.Join(l.Checkpoint(2, day(0)), l.Verify()); err != nil {
		t.Fatal(err)
	}
	undamaged := content(t, dir.Path("."))
	damage(t, dir, checkpointFile(2), func(at int) {
		if err := l.Verify(); !errors.Is(err, delta.ErrDamaged) {
			t.Fatalf("byte %d: %v", at, err)
		}
		if diff := cmp.Diff(want, read(t, l, -1)); diff != "" {
			t.Fatalf("byte %d:\n%s", at, diff)
		}
		if err := l.Clean(2); err != nil || !exists(dir.Path("."), commitFile(0)) {
			t.Fatalf("byte %d: cleaned up: %v", at, err)
		}
	})
	if err := os.Truncate(dir.Path(checkpointFile(2)), 100); err != nil {
		t.Fatal(err)
	}
	if err := l.Checkpoint(2, day(0)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(undamaged, content(t, dir.Path("."))); diff != "" {
		t.Errorf("not repaired:\n%s", diff)
	}
	if err := l.Clean(3); err != nil {
		t.Fatal(err)
	}
	damage(t, dir, checkpointFile(2), func(at int) {
		if files, err := l.Read(-1); !errors.Is(err, delta.ErrDamaged) || !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("byte %d: %v, %v", at, files, err)
		}
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	dir := store.New(t.TempDir(), nil)
	l := newLog(dir)
	if err := l.Verify(); err != nil {
		t.Errorf("no table: %v", err)
	}
	commit(t, l, history()...)
	for _, v := range []int64{1, 2} {
		if err := l.Checkpoint(v, day(0)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{commitFile(1), logDir + "_last_checkpoint"} {
		damage(t, dir, key, func(at int) {
			if err := l.Verify(); !errors.Is(err, delta.ErrDamaged) {
				t.Fatalf("%s, byte %d: %v", key, at, err)
			}
		})
	}
	for _, key := range []string{commitFile(1), commitFile(2), checkpointFile(2)} {
		if err := os.Rename(dir.Path(key), dir.Path("aside")); err != nil {
			t.Fatal(err)
		}
		if err := l.Verify(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is missing: %v", key, err)
		}
		if err := os.Rename(dir.Path("aside"), dir.Path(key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"x.json", "00000000000000000009.json.tmp", "99999999999999999999.json", "a/b"} {
		if err := dir.Put(logDir+name, nil); err != nil {
			t.Fatal(err)
		}
		if err := l.Verify(); err == nil {
			t.Errorf("%s was not found", name)
		}
		if v := version(t, l); v != 3 {
			t.Errorf("with %s: version %d", name, v)
		}
		if err := dir.Remove(logDir + name); err != nil {
			t.Fatal(err)
		}
	}
	if err := dir.Remove(logDir + "a"); err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(); err != nil {
		t.Error(err)
	}
}

// A log that needs a newer protocol was changed by another program.
func TestForeignProtocol(t *testing.T) {
	t.Parallel()
	dir := store.New(t.TempDir(), nil)
	l := newLog(dir)
	commit(t, l, history()...)
	const upgrade = `{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"]}}`
	if err := dir.Put(commitFile(4), []byte(upgrade)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Read(-1); !errors.Is(err, delta.ErrConflict) {
		t.Errorf("read: %v", err)
	}
	if _, err := l.Read(3); err != nil {
		t.Errorf("the version before: %v", err)
	}
}
