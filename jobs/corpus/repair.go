package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
)

// Repair restores everything that follows from the log: what [Manage] repairs, and corpus.json, the
// files without rows, links, and Delta logs. It removes damaged checkpoints, which are computed
// again. Files that belong to nothing stay.
func (m *Manager) Repair() error {
	s := m.sink
	for _, repair := range []func() error{s.repairHeader, s.repairEmpty, s.repairCheckpoints, s.repairDeltas} {
		if err := repair(); err != nil {
			return explain(s.root, err)
		}
	}
	return nil
}

func (s *Sink) repairHeader() error {
	found, err := s.dir.Get(formatFile)
	want, encoding := encodeHeader()
	switch {
	case encoding != nil:
		return encoding
	case err == nil && bytes.Equal(found, want):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	s.options.Log(formatFile + ": restored")
	return s.dir.Put(formatFile, want)
}

// repairEmpty restores the files without rows, and the links to them.
func (s *Sink) repairEmpty() error {
	generation, err := links{s.dir}.generation()
	if err != nil {
		return err
	}
	for _, t := range schemas.Tables() {
		found, err := s.dir.Get(emptyPath(t.Name))
		want, encoding := encodeEmpty(t)
		switch {
		case encoding != nil:
			return encoding
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case !bytes.Equal(found, want):
			s.options.Log(emptyPath(t.Name) + ": restored")
			if err := s.dir.Put(emptyPath(t.Name), want); err != nil {
				return err
			}
		}
		if link := linkPath(generation, t.Name, emptyPart); !s.dir.SameFile(emptyPath(t.Name), link) {
			if err := s.dir.Link(emptyPath(t.Name), link); err != nil {
				return err
			}
		}
	}
	return nil
}

// repairCheckpoints removes damaged checkpoints of unfinished units.
func (s *Sink) repairCheckpoints() error {
	files, err := s.dir.List(workDir)
	if err != nil {
		return err
	}
	for _, p := range files {
		if !isCheckpoint(p) {
			continue
		}
		err := checkCheckpoint(s.dir, p)
		if errors.Is(err, arrowview.ErrCorrupt) {
			s.options.Log(fmt.Sprintf("%s is damaged and was removed: its records will be computed again", p))
			err = s.dir.Remove(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// repairDeltas restores the Delta logs. A table to which another program has written stays as it
// is: Verify reports it.
func (s *Sink) repairDeltas() error {
	err := deltaLogs{s.dir}.restore(s.options.Log)
	if errors.Is(err, delta.ErrConflict) {
		s.options.Log(err.Error())
		return nil
	}
	return err
}

// Restore puts a file in the place of a published one that is damaged or lost, if it has the same
// bytes as that had. It is moved from path, which is in the directory of the corpus.
func (m *Manager) Restore(f File, from string) error {
	s := m.sink
	sum, size, err := hashFile(s.dir, from)
	if err != nil {
		return explain(s.root, err)
	}
	if sum != f.SHA256 || size != f.Bytes {
		return fmt.Errorf("%s: what was computed again has other bytes than were published", f.Path)
	}
	if err := s.dir.Rename(from, f.Path); err != nil {
		return explain(s.root, err)
	}
	generation, err := links{s.dir}.generation()
	if err != nil {
		return explain(s.root, err)
	}
	live := s.Snapshot()
	for _, p := range live.Seen().all() {
		if own := p.File(f.Table); own != nil && own.Path == f.Path {
			err = s.dir.Link(f.Path, path.Clean(linkPath(generation, f.Table, p.Name)))
		}
	}
	return explain(s.root, err)
}
