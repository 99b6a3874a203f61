package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// links is the tree below tables/: hard links to the data files of the current edition, for readers
// that list directories. A generation of it is a directory below meta/tables; tables is a symbolic
// link to the current one.
type links struct{ dir *store.Dir }

// generation returns the name of the current generation, or "".
func (l links) generation() (string, error) {
	target, err := os.Readlink(l.dir.Path(tablesLink))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("%s is not a symbolic link of pubmine's: %w", tablesLink, err)
	}
	return path.Base(target), nil
}

// add links the files of parts that readers see from now on. A file replaces the one of the part
// that had the name before.
func (l links) add(parts []*Part) error {
	generation, err := l.generation()
	if err != nil || generation == "" { // which the next opening builds
		return err
	}
	for _, p := range parts {
		for _, f := range p.Files {
			if err := l.dir.Link(f.Path, linkPath(generation, f.Table, p.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// replace builds a new generation and makes it current: all tables change at once.
func (l links) replace(s *Snapshot) error {
	generation := generationName(s.Version)
	if now, err := l.generation(); err != nil {
		return err
	} else if now == generation { // its content was damaged
		generation += "r"
	}
	if err := l.dir.Remove(path.Join(linksDir, generation)); err != nil { // of a crash
		return err
	}
	for _, t := range schemas.Tables() {
		if err := l.dir.Link(emptyPath(t.Name), linkPath(generation, t.Name, emptyPart)); err != nil {
			return err
		}
	}
	for _, p := range s.Seen().all() {
		for _, f := range p.Files {
			err := l.dir.Link(f.Path, linkPath(generation, f.Table, p.Name))
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lost file is published again
				return err
			}
		}
	}
	return l.dir.Symlink(path.Join(linksDir, generation), tablesLink)
}

// emptyPart is the name of a file without rows, which every table has: a pattern that matches no
// file is an error in most programs. No unit can have this name.
const emptyPart = "+empty"

func emptyPath(table string) string { return path.Join(dataDir, table, emptyPart+".parquet") }

// putEmpty writes the files without rows, unless they are there.
func putEmpty(dir *store.Dir) error {
	for _, t := range schemas.Tables() {
		if _, err := dir.Stat(emptyPath(t.Name)); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		data, err := encodeEmpty(t)
		if err == nil {
			err = dir.Put(emptyPath(t.Name), data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// encodeEmpty returns a file without rows.
func encodeEmpty(t schemas.Table) ([]byte, error) {
	var file bytes.Buffer
	w, err := parquetio.NewWriter(&file, t, nil)
	if err == nil {
		err = w.Close()
	}
	return file.Bytes(), err
}

// sync makes the tree that of a snapshot, after a crash or damage. Other files stay in a tree that
// readers no longer see.
func (l links) sync(s *Snapshot, log func(line string)) error {
	generation, err := l.generation()
	if err != nil {
		return err
	}
	if generation == "" {
		return l.replace(s)
	}
	found, err := l.dir.List(path.Join(linksDir, generation))
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, p := range found {
		have[p] = strings.HasSuffix(p, ".parquet")
	}
	var stale []*Part
	for _, p := range s.Seen().all() {
		changed := false
		for _, f := range p.Files {
			key := linkPath(generation, f.Table, p.Name)
			delete(have, key)
			changed = changed || !l.dir.SameFile(f.Path, key)
		}
		if changed {
			stale = append(stale, p)
		}
	}
	complete := true
	for _, t := range schemas.Tables() {
		key := linkPath(generation, t.Name, emptyPart)
		complete = complete && have[key]
		delete(have, key)
	}
	for key, extra := range have {
		if extra {
			log(key + " belongs to no unit: readers no longer see it; move it away")
			complete = false
		}
	}
	if !complete {
		return l.replace(s)
	}
	for _, p := range stale {
		if err := l.add([]*Part{p}); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// change updates the tree after a commit.
func (l links) change(after *Snapshot, add, remove []*Part) error {
	if len(add) == 0 && len(remove) == 0 {
		return nil
	}
	replaced := map[string]*Part{}
	for _, p := range remove {
		replaced[p.Name] = p
	}
	for _, p := range add {
		if old := replaced[p.Name]; old != nil && sameTables(old, p) {
			delete(replaced, p.Name)
		}
	}
	if len(replaced) > 0 || len(remove) > 1 {
		return l.replace(after)
	}
	return l.add(add)
}

// sameTables reports whether every file of old has its successor in now.
func sameTables(old, now *Part) bool {
	for _, f := range old.Files {
		if now.File(f.Table) == nil {
			return false
		}
	}
	return true
}
