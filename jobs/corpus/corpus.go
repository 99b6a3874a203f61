package corpus

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/pubmine/pubmine/jobs/store"
)

// header is the content of corpus.json.
type header struct {
	Format int    `json:"format"`
	Layout string `json:"layout"` // for people who open the file
}

const layoutHint = "tables/<table>/**/*.parquet are the tables; delta/<table> are the same as Delta tables"

// Corpus is a corpus opened for reading. Reading needs no lock: data files do not change, and those
// that were replaced are kept for some days.
type Corpus struct {
	root string
	dir  *store.Dir
}

// Open opens an existing corpus for reading.
func Open(root string) (*Corpus, error) {
	dir := store.New(root, nil)
	found, err := checkFormat(dir)
	if err == nil && !found {
		found, err = hasLog(dir) // corpus.json was lost: the next run writes it again
	}
	if err == nil && !found {
		if _, err = os.Stat(root); err == nil {
			err = ErrNotCorpus
		}
	}
	if err != nil {
		return nil, explain(root, err)
	}
	return &Corpus{root: root, dir: dir}, nil
}

// Snapshot reads the newest snapshot.
func (c *Corpus) Snapshot() (Snapshot, error) {
	h, err := readLog(c.dir)
	if err == nil && h.newest.Version < 0 {
		err = fmt.Errorf("%s: %w", logDir, ErrVanished)
	}
	return h.newest, explain(c.root, err)
}

// ReadSnapshot opens a corpus and reads its newest snapshot.
func ReadSnapshot(root string) (Snapshot, error) {
	c, err := Open(root)
	if err != nil {
		return Snapshot{}, err
	}
	return c.Snapshot()
}

// Current reads the edition that readers see.
func (c *Corpus) Current() (*Edition, error) {
	s, err := c.Snapshot()
	return s.Seen(), err
}

// Path returns the path of a published file.
func (c *Corpus) Path(p File) string { return c.dir.Path(p.Path) }

// checkFormat reports whether the directory is a corpus, and refuses one of another format. It does
// not find one whose corpus.json is damaged or lost: see hasLog.
func checkFormat(dir *store.Dir) (found bool, err error) {
	data, err := dir.Get(formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return false, ErrNotCorpus
	}
	if err != nil {
		return false, err
	}
	var h struct {
		Format int `json:"format"`
	}
	if err = json.Unmarshal(data, &h); err == nil && h.Format == format {
		return true, nil
	}
	if log, reading := readLog(dir); reading == nil && log.newest.Version >= 0 {
		return false, nil // it is damaged: the log has its own format
	}
	if err != nil {
		return false, fmt.Errorf("%s is not pubmine's: %w: %w", formatFile, err, ErrNotCorpus)
	}
	return false, fmt.Errorf("%w (format %d, known is %d)", ErrFormat, h.Format, format)
}

// hasLog reports whether a directory has the log of a corpus.
func hasLog(dir *store.Dir) (bool, error) {
	commits, checkpoints, err := logFiles(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	return len(commits)+len(checkpoints) > 0, err
}

// checkEmpty returns ErrNotCorpus for a directory that holds anything except the remains of an
// interrupted creation.
func checkEmpty(root string) error {
	for _, level := range []struct {
		dir     string
		allowed []string
	}{{root, []string{"meta"}}, {root + "/meta", []string{"lock", "manage", "commit", "tmp", "work", "log", "copy"}}} {
		entries, err := os.ReadDir(level.dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !slices.Contains(level.allowed, e.Name()) {
				return ErrNotCorpus
			}
		}
	}
	return nil
}

// newID returns the identity of a new corpus.
func newID() string { return rand.Text() }

// writeHeader writes corpus.json, the last step of creating a corpus.
func writeHeader(dir *store.Dir) error {
	data, err := encodeHeader()
	if err != nil {
		return err
	}
	return dir.Put(formatFile, data)
}

func encodeHeader() ([]byte, error) {
	data, err := json.Marshal(header{Format: format, Layout: layoutHint})
	return append(data, '\n'), err
}
