package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
)

// create begins a corpus: version 0 of its log, and then corpus.json.
func create(dir *store.Dir, now time.Time) error {
	h, err := readLog(dir)
	if err != nil {
		return err
	}
	if h.newest.Version < 0 {
		for _, p := range h.torn {
			if err := dir.Remove(p); err != nil {
				return err
			}
		}
		now = now.UTC().Truncate(time.Millisecond)
		c := commit{Format: format, Time: now, Operation: "CREATE TABLE", ID: newID()}
		if err := dir.PutIfAbsent(commitPath(0), encode(c)); err != nil {
			return err
		}
		if err := dir.Put(copyPath(commitPath(0)), encode(c)); err != nil {
			return err
		}
	}
	return writeHeader(dir)
}

// read reads the log.
func (s *Sink) read() (history, error) {
	h, err := readLog(s.dir)
	if err == nil && h.newest.Version < 0 {
		err = fmt.Errorf("%s: %w", logDir, ErrVanished)
	}
	s.live, s.base = h.newest, h.base.Version
	return h, err
}

// recover completes what a crash interrupted: what follows from the log is brought up to it, and
// files that nothing refers to are removed by sweep, unless it is nil.
func (s *Sink) recover(sweep func() error) error {
	h, err := s.read()
	if err != nil {
		return err
	}
	if err := healLog(s.dir, &h, s.options.Log); err != nil {
		return err
	}
	if err := putEmpty(s.dir); err != nil {
		return err
	}
	if err := (deltaLogs{s.dir}).recover(&h, s.options.Log); err != nil {
		return err
	}
	if sweep != nil {
		if err := sweep(); err != nil {
			return err
		}
	}
	return links{s.dir}.sync(&s.live, s.options.Log)
}

// sweep removes data files that no edition has or had, temporary files, and checkpoints of
// published units. Files without the name of a data file are left alone: they are not pubmine's.
// Any file that is one that was lost, under another name, gets its name back.
func (s *Sink) sweep() error {
	files, err := s.dir.List(dataDir)
	if err != nil {
		return err
	}
	known := s.live.knownPaths()
	lost := lostFiles{sink: s}
	dead := []string{store.Temp}
	for _, p := range files {
		if known[p] || strings.Contains(p, "/_delta_log/") {
			continue
		}
		found, err := lost.claim(p)
		if err != nil {
			return err
		}
		if !found && fileName.MatchString(p) {
			dead = append(dead, p)
		}
	}
	work, err := workFolders(s.dir)
	if err != nil {
		return err
	}
	published := map[string]bool{}
	for i := range s.live.Editions {
		e := &s.live.Editions[i]
		for _, r := range e.Units() {
			published[workPath(r.Unit, unitKey(e.Fingerprint, r.Digest))] = true
		}
	}
	for folder := range work {
		if published[folder] {
			dead = append(dead, folder)
		}
	}
	for _, p := range dead {
		if err := s.dir.Remove(p); err != nil {
			return err
		}
	}
	return nil
}

// findMissing finds the units of an edition whose files are missing or have another size: they are
// published again.
func (s *Sink) findMissing(e *Edition) error {
	for i := range e.Parts {
		for _, f := range e.Parts[i].Files {
			info, err := s.dir.Stat(f.Path)
			if err == nil && info.Size() == f.Bytes {
				continue
			}
			what := "is gone"
			if err == nil {
				what = fmt.Sprintf("has %d bytes instead of %d", info.Size(), f.Bytes)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err // it may be good
			}
			s.options.Log(fmt.Sprintf("%s %s: its unit will be published again when its input comes", f.Path, what))
			for _, r := range e.Parts[i].Units {
				s.missing[r.Unit] = true
			}
		}
	}
	return nil
}
