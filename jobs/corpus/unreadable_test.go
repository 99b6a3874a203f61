package corpus

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas/arrowview"
)

// A checkpoint that cannot be read is not damaged: it stays, and a later run may read it.
func TestUnreadableCheckpoint(t *testing.T) {
	dir := store.New(t.TempDir(), nil)
	p := &unitWriter{sink: &Sink{dir: dir}, work: workPath("u", "0123456789abcdef")}
	path := dir.Path(chunkPath(p.work, 0)) // a directory, of which no byte can be read
	if err := os.MkdirAll(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "x"), nil, 0o666); err != nil { // so that it has a size
		t.Fatal(err)
	}
	_, err := p.read(0)
	for _, err := range []error{err, p.open(chunkPath(p.work, 0), arrowview.CheckChunk)} {
		if !Temporary(err) || errors.Is(err, arrowview.ErrCorrupt) {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// A damaged part of a chunk is removed, and its records are computed again.
func TestDamagedPart(t *testing.T) {
	dir := store.New(t.TempDir(), nil)
	logged := ""
	sink := &Sink{dir: dir, options: Options{Log: func(line string) { logged += line }}}
	p := &unitWriter{sink: sink, work: workPath("u", "0123456789abcdef")}
	path := dir.Path(partPath(p.work, 3))
	if err := p.Keep(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 5); err != nil {
		t.Fatal(err)
	}
	if records, err := p.Kept(3); err != nil || records != nil || !strings.Contains(logged, "part-0003") {
		t.Errorf("%v, %v, logged %q", records, err, logged)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
