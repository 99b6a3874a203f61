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
	for _, repair := range []func() error{
		s.repairHeader, s.repairEmpty, s.repairLinks, s.repairCheckpoints, s.repairDeltas,
	} {
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

func (s *Sink) repairLinks() error { return links{s.dir}.sync(&s.live, s.options.Log) }

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
		err := openCheckpoint(s.dir, p, arrowview.CheckChunk)
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
	err := deltaLogs{s.dir}.restore(false, s.options.Log)
	if errors.Is(err, delta.ErrConflict) {
		s.options.Log(err.Error())
		return nil
	}
	return err
}

// Restore puts a file in the place of a published one that is damaged or lost, and reports whether
// it has the bytes that were published. It is moved from a path relative to the corpus. Repair
// afterwards restores the link to it.
func (m *Manager) Restore(f File, from string) (bool, error) {
	s := m.sink
	sum, size, err := hashFile(s.dir, from)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (sum != f.SHA256 || size != f.Bytes) {
		return false, nil
	}
	if err == nil {
		err = s.dir.Rename(from, f.Path)
	}
	return err == nil, explain(s.root, err)
}

// RestoreFromLink restores a published file that is damaged or lost from its link below tables/,
// and reports whether that has the bytes that were published.
func (m *Manager) RestoreFromLink(f File) (bool, error) {
	s := m.sink
	generation, err := links{s.dir}.generation()
	if err != nil {
		return false, explain(s.root, err)
	}
	for _, p := range s.live.Seen().all() {
		own := p.File(f.Table)
		if own == nil || own.Path != f.Path {
			continue
		}
		link := linkPath(generation, f.Table, p.Name)
		sum, size, err := hashFile(s.dir, link)
		if err != nil || sum != f.SHA256 || size != f.Bytes {
			return false, nil // it is restored otherwise
		}
		if err := s.dir.Link(link, f.Path); err != nil {
			return false, explain(s.root, err)
		}
		return true, explain(s.root, s.dir.SyncDir(path.Dir(f.Path)))
	}
	return false, nil
}

// lostFiles finds published files that are lost under other names.
type lostFiles struct {
	sink *Sink
	lost map[int64][]File // by size; nil before it is needed
}

// claim gives a file of no edition the name of a lost one, if it has its bytes.
func (l *lostFiles) claim(p string) (found bool, err error) {
	s := l.sink
	if l.lost == nil {
		l.lost = map[int64][]File{}
		for f := range s.live.Files() {
			if _, err := s.dir.Stat(f.Path); errors.Is(err, fs.ErrNotExist) {
				l.lost[f.Bytes] = append(l.lost[f.Bytes], f)
			}
		}
	}
	if len(l.lost) == 0 {
		return false, nil
	}
	info, err := s.dir.Stat(p)
	if err != nil || len(l.lost[info.Size()]) == 0 {
		return false, err
	}
	sum, _, err := hashFile(s.dir, p)
	if err != nil {
		return false, err
	}
	for _, f := range l.lost[info.Size()] {
		if f.SHA256 == sum && path.Dir(f.Path) == path.Dir(p) {
			s.options.Log(fmt.Sprintf("%s is %s, which was lost: renamed", p, f.Path))
			return true, s.dir.Rename(p, f.Path)
		}
	}
	return false, nil
}
