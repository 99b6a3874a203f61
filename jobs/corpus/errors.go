package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/pubmine/pubmine/jobs/store"
)

var (
	// ErrNotCorpus reports that a directory is not empty and not a corpus.
	ErrNotCorpus = errors.New("not a corpus: name a new or empty directory, or one that pubmine made")
	// ErrFormat reports that a corpus was written by a version of pubmine that this one does not
	// know.
	ErrFormat = errors.New("the corpus has a format that this pubmine does not know: use a newer one")
	// ErrNotWritable reports that the corpus cannot be written to.
	ErrNotWritable = errors.New("the corpus is not writable: name another directory, or get the permission")
	// ErrLocked reports that another run is writing to the corpus.
	ErrLocked = errors.New("another run is at work in this corpus: wait for it, or name another directory")
	// ErrDamaged reports that a file of the log and its copy cannot be read.
	ErrDamaged = errors.New("the log of the corpus cannot be read: restore this file, or its copy in meta/copy, " +
		"from a backup; the files below tables/ do not depend on it")
	// ErrVanished reports that the corpus was deleted, moved or unmounted while it was open.
	ErrVanished = errors.New("the log of the corpus is gone: was the directory moved, deleted or unmounted?")
	// ErrNoSpace reports that the disk or the quota is full.
	ErrNoSpace = store.ErrNoSpace
)

// Temporary reports whether the same run may succeed later.
func Temporary(err error) bool {
	return errors.Is(err, ErrLocked) || errors.Is(err, store.ErrNoSpace) || errors.Is(err, store.ErrIO)
}

// explain adds the path of the corpus, and for errors of the file system what to do.
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
