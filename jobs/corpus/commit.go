package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// now is the time of a commit.
func (s *Sink) now() time.Time { return s.options.Now().UTC().Truncate(time.Millisecond) }

// commitPart adds a part to the edition, with the remainders of packs. Readers see them if they see
// the edition.
func (s *Sink) commitPart(part Part, rest []Part) error {
	repaired := false
	err := s.append(func(live *Snapshot) (*commit, error) {
		c := s.writing(live)
		e := live.Edition(s.edition)
		if e == nil {
			e = &Edition{}
		}
		p := part
		p.Units = slices.Clone(part.Units)
		live.setSequences(e, p.Units)
		slices.SortFunc(p.Units, byUnit)
		old := e.holding(p.Units)
		if len(old) == 1 && old[0].Key == p.Key && slices.Equal(old[0].Files, p.Files) {
			repaired = true // its files had been lost or damaged
			if slices.EqualFunc(old[0].Units, p.Units, sameInput) {
				return nil, nil
			}
			p.Time = old[0].Time
		}
		c.Add = []Part{p}
		for _, o := range old {
			c.Remove = append(c.Remove, o.stem())
			if units := o.without(&p); len(units) > 0 {
				key := unitKey(s.fingerprint, inputOf(units))
				i := slices.IndexFunc(rest, func(r Part) bool { return r.Key == key })
				if i < 0 {
					return nil, errMoved
				}
				c.Add = append(c.Add, rest[i])
			}
		}
		s.complete(live, c)
		return c, nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	for i := range part.Units {
		delete(s.missing, part.Units[i].Unit)
	}
	s.mu.Unlock()
	if repaired && s.live.Current == s.edition && !s.preview {
		return links{s.dir}.add([]*Part{&part})
	}
	return nil
}

// sameInput reports whether two records of a unit say the same of its input.
func sameInput(a, b Record) bool { return a.Unit == b.Unit && a.Stamp == b.Stamp && a.Path == b.Path }

// writing begins a commit to the edition that is written.
func (s *Sink) writing(live *Snapshot) *commit {
	c := &commit{Operation: "WRITE", Current: live.Current}
	if e := live.Edition(s.edition); e != nil {
		c.Edition = e.header()
		return c
	}
	c.Edition = s.newEdition()
	c.Edition.Created, c.Edition.Building = s.now(), live.Current > 0
	if live.Current == 0 {
		c.Current = c.Edition.ID
	}
	return c
}

// complete makes the edition the current one if it has, with this commit, all units of the current
// one.
func (s *Sink) complete(live *Snapshot, c *commit) {
	seen, e := live.Seen(), c.Edition
	if !e.Building || e.Waiting {
		return
	}
	after, err := live.apply(&commit{Version: live.Version + 1, Edition: c.Edition, Add: c.Add, Remove: c.Remove})
	if err != nil || len(after.Edition(e.ID).Missing(seen)) > 0 {
		return
	}
	e.Building, c.Current = false, e.ID
	s.options.Log(fmt.Sprintf("edition %d is complete: readers see it from now on; edition %d is kept: "+
		"pubmine diff %[2]d %[1]d shows what changed, pubmine edition use %[2]d goes back to it", e.ID, live.Current))
}

// commit adds a commit to the log, while no other process does: the one that change makes of the
// newest snapshot; nil for nothing to do.
func (s *Sink) commit(change func(live *Snapshot) (*commit, error)) error {
	return s.exclusive(func() error { return s.append(change) })
}

// append is commit within exclusive. Without locks another writer may be faster; its snapshot is
// then the one to change.
func (s *Sink) append(change func(live *Snapshot) (*commit, error)) error {
	for {
		live := s.Snapshot()
		c, err := change(&live)
		if c == nil || err != nil {
			return err
		}
		c.Format, c.Version, c.Time = format, live.Version+1, s.now()
		next, err := live.apply(c)
		if err != nil {
			return err
		}
		if s.preview {
			s.setLive(next)
			return nil
		}
		file, data := commitPath(c.Version), encode(c)
		err = s.dir.PutIfAbsent(file, data)
		if errors.Is(err, fs.ErrExist) {
			if err := s.takeUp(); err != nil {
				return err
			}
			if now := s.Snapshot(); now.Version <= live.Version {
				return fmt.Errorf("%s: %w", file, ErrDamaged)
			}
			continue
		}
		if err != nil {
			return err
		}
		s.setLive(next)
		if err := s.dir.Put(copyPath(file), data); err != nil {
			return err
		}
		return s.project(&live, &next, c)
	}
}

func (s *Sink) setLive(next Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = next
}

// project brings what follows from the log up to it: Delta logs, links, checkpoints.
func (s *Sink) project(before, after *Snapshot, c *commit) error {
	logs := deltaLogs{s.dir}
	add, remove := visibleChange(before, after, c)
	if err := logs.commit(after, c, add, remove); err != nil {
		return err
	}
	if err := (links{s.dir}).change(after, add, remove); err != nil {
		return err
	}
	if !checkpointDue(s.base, after) {
		return nil
	}
	if err := logs.checkpoint(after); err != nil {
		return err
	}
	s.base = after.Version
	return writeCheckpoint(s.dir, after)
}
