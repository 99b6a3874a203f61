package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/pubmine/pubmine/jobs/store"
)

// Problem is a difference between a corpus and its snapshot.
type Problem struct {
	Path string // relative to the corpus
	What string
}

func (p Problem) String() string { return p.Path + ": " + p.What }

// Verify reads every live file and returns the differences from the newest snapshot and the commit
// records: a missing or changed file, a missing record, and any other file under tables/. It must
// not run beside a writer.
func (c *Corpus) Verify() ([]Problem, error) {
	problems, err := verify(c.dir)
	return problems, explain(c.root, err)
}

func verify(dir *store.Dir) (problems []Problem, err error) {
	report := func(path, format string, args ...any) {
		problems = append(problems, Problem{Path: path, What: fmt.Sprintf(format, args...)})
	}
	s, _, err := newestSnapshot(dir)
	if err != nil {
		return nil, err
	}
	live := map[string]bool{}
	for i := range s.Units {
		r := &s.Units[i]
		if what, err := compareRecord(dir, r); err != nil {
			return nil, err
		} else if what != "" {
			report(recordPath(r.Unit, r.Key), "%s", what)
		}
		for _, p := range r.Files {
			live[p.Path] = true
			sum, size, err := hashFile(dir, p.Path)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				report(p.Path, "is gone")
			case err != nil:
				return nil, err
			case size != p.Bytes || sum != p.SHA256:
				report(p.Path, "has other bytes than were published")
			}
		}
	}
	files, err := dir.List(tablesDir)
	for _, f := range files {
		if !live[f] {
			report(f, "belongs to no live unit")
		}
	}
	return problems, err
}

// compareRecord describes how the commit record differs from its copy in the snapshot.
func compareRecord(dir *store.Dir, r *Record) (what string, err error) {
	path := recordPath(r.Unit, r.Key)
	data, err := dir.Get(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "is gone", nil
	}
	if err != nil {
		return "", err
	}
	existing, err := decodeRecord(path, data)
	if err != nil {
		return err.Error(), nil
	}
	existing.Configuration = nil
	if !bytes.Equal(existing.encode(), r.encode()) {
		return "differs from the snapshot", nil
	}
	return "", nil
}

func hashFile(dir *store.Dir, path string) (sum string, size int64, err error) {
	f, err := dir.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
