package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/pubmine/pubmine/jobs/store"
)

var (
	// ErrNotCorpus says that a directory holds something, but not a corpus.
	ErrNotCorpus = errors.New("not a corpus: name a new or empty directory, or one that pubmine made")
	// ErrFormat says that a corpus was written by a version of pubmine that this one does not know.
	ErrFormat = errors.New("the corpus has a format that this pubmine does not know: use a newer one")
	// ErrNotWritable says that the corpus cannot be written to.
	ErrNotWritable = errors.New("the corpus is not writable: name another directory, or get the permission")
	// ErrLocked says that another run is at work in the corpus.
	ErrLocked = errors.New("another run is at work in this corpus: wait for it, or name another directory")
	// ErrNoSpace says that the disk or the quota is full.
	ErrNoSpace = store.ErrNoSpace
)

// Temporary reports whether the same run, started again later, may well succeed.
func Temporary(err error) bool {
	return errors.Is(err, ErrLocked) || errors.Is(err, store.ErrNoSpace) || errors.Is(err, store.ErrIO)
}

// explain names the corpus and what to do about an error of the file system.
func explain(root string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrLocked):
		err = ErrLocked
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		err = fmt.Errorf("%w (%w)", ErrNotWritable, err)
	}
	return fmt.Errorf("corpus %s: %w", root, err)
}
