package corpus

import (
	"errors"
	"os"
	"path/filepath"
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
	for _, err := range []error{err, p.open(0, arrowview.CheckChunk)} {
		if !Temporary(err) || errors.Is(err, arrowview.ErrCorrupt) {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
