package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

// Problem is a difference between a corpus and its log.
type Problem struct {
	Path string // relative to the corpus
	What string
}

func (p Problem) String() string { return p.Path + ": " + p.What }

// Verify reads every file of every edition and returns the differences from the log: a missing or
// changed file, a link below tables/ that is missing or leads elsewhere, a Delta log that is
// damaged or lists other files, and any other file beside them. It must not run beside a writer.
func (c *Corpus) Verify() ([]Problem, error) {
	s, err := c.Snapshot()
	if err != nil {
		return nil, err
	}
	v := verifier{dir: c.dir, snapshot: &s}
	err = errors.Join(v.data(), v.links())
	damaged, reading := deltaLogs{c.dir}.verify(&s)
	return append(v.problems, damaged...), explain(c.root, errors.Join(err, reading))
}

// verifier collects problems.
type verifier struct {
	dir      *store.Dir
	snapshot *Snapshot
	problems []Problem
}

func (v *verifier) report(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{Path: path, What: fmt.Sprintf(format, args...)})
}

// data compares the data files with the log.
func (v *verifier) data() error {
	known := map[string]bool{}
	for _, r := range v.snapshot.Removed {
		for _, f := range r.Files {
			known[f.Path] = true
		}
	}
	for i := range v.snapshot.Editions {
		e := &v.snapshot.Editions[i]
		for j := range e.Parts {
			for _, f := range e.Parts[j].Files {
				if known[f.Path] {
					continue // of two editions
				}
				known[f.Path] = true
				if err := v.file(&f); err != nil {
					return err
				}
			}
		}
	}
	for _, t := range schemas.Tables() {
		known[emptyPath(t.Name)] = true
		files, err := v.dir.List(path.Join(dataDir, t.Name))
		if err != nil {
			return err
		}
		for _, p := range files {
			if !known[p] && path.Dir(p) == path.Join(dataDir, t.Name) {
				v.report(p, "belongs to no edition")
			}
		}
	}
	return nil
}

func (v *verifier) file(f *File) error {
	sum, size, err := hashFile(v.dir, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.report(f.Path, "is gone")
	case err != nil:
		return err
	case size != f.Bytes || sum != f.SHA256:
		v.report(f.Path, "has other bytes than were published")
	}
	return nil
}

// links compares the tree below tables/ with the current edition.
func (v *verifier) links() error {
	generation, err := links{v.dir}.generation()
	if err != nil || generation == "" {
		return err
	}
	known := map[string]bool{}
	for _, t := range schemas.Tables() {
		known[linkPath(generation, t.Name, emptyPart)] = true
	}
	for _, p := range v.snapshot.Seen().all() {
		for _, f := range p.Files {
			key := linkPath(generation, f.Table, p.Name)
			known[key] = true
			if !v.dir.SameFile(f.Path, key) {
				v.report(key, "does not lead to %s", f.Path)
			}
		}
	}
	files, err := v.dir.List(path.Join(linksDir, generation))
	for _, p := range files {
		if !known[p] {
			v.report(p, "belongs to no unit")
		}
	}
	return err
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
