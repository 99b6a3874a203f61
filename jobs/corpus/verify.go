package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
)

// Problem is a difference between a corpus and its log.
type Problem struct {
	Path string // relative to the corpus
	What string // what is wrong, and what to do
}

func (p Problem) String() string { return p.Path + ": " + p.What }

// repairs ends the description of a problem that [Manager.Repair] removes.
const repairs = ": pubmine verify --repair restores it"

// VerifyFile compares a published file with its size and digest in the log. It returns nil if it is
// as it was published, or if no edition has it any more.
func (c *Corpus) VerifyFile(f File) (*Problem, error) {
	sum, size, err := hashFile(c.dir, f.Path)
	what := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = "is gone"
	case err != nil:
		return nil, explain(c.root, err)
	case size != f.Bytes || sum != f.SHA256:
		what = "has other bytes than were published"
	default:
		return nil, nil
	}
	s, err := c.Snapshot()
	if err != nil || !s.livePaths()[f.Path] { // a run has replaced it, and gc has removed it
		return nil, err
	}
	return &Problem{f.Path, what + ": pubmine verify --repair computes it again from the input"}, nil
}

// Attempts to verify the layout beside a run, and the time between two.
const (
	verifyAttempts = 20
	verifyPause    = 100 * time.Millisecond
)

// VerifyLayout compares everything but the contents of data files with the log: the files of the
// log and their copies, the Delta logs, the links below tables/, the files without rows, the
// checkpoints of unfinished units and corpus.json. It lists every file that belongs to nothing. It
// may run beside a writer, whose work in progress is no problem.
func (c *Corpus) VerifyLayout() (problems []Problem, err error) {
	for attempt := 1; ; attempt++ {
		s, err := c.Snapshot()
		if err != nil {
			return nil, err
		}
		v := layoutVerifier{dir: c.dir, snapshot: &s, busy: c.busy}
		if err := v.verify(); err != nil {
			return nil, explain(c.root, err)
		}
		if len(v.problems) == 0 || attempt == verifyAttempts {
			return v.problems, nil
		}
		// A writer brings links and Delta logs up to a commit after it.
		after, err := c.Snapshot()
		if err != nil || after.Version == s.Version && !c.busy() {
			return v.problems, err
		}
		time.Sleep(verifyPause)
	}
}

// busy reports whether a run or a Manager is at work in the corpus.
func (c *Corpus) busy() bool {
	return slices.ContainsFunc([]string{lockFile, manageLock}, func(file string) bool {
		if _, err := c.dir.Stat(file); err != nil {
			return false
		}
		unlock, err := c.dir.Lock(file)
		if err == nil {
			_ = unlock()
		}
		return errors.Is(err, store.ErrLocked)
	})
}

func hashFile(dir *store.Dir, path string) (sum string, size int64, err error) {
	f, err := dir.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, err
}
