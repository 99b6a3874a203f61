package corpus

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"
)

// format is the version of the corpus directory: of its layout and its log.
const format = 2

// Snapshot is the content of a corpus at one version.
type Snapshot struct {
	Format   int       `json:"format"`
	ID       string    `json:"id"` // of the corpus, random
	Version  int64     `json:"version"`
	Time     time.Time `json:"time"`    // of the version
	Current  int       `json:"current"` // edition that readers see; 0: none
	Editions []Edition `json:"editions"`
	Removed  []Removed `json:"removed,omitempty"`
}

// Removed are files that no edition has any more. Readers of an earlier version still use them,
// until gc removes them.
type Removed struct {
	Time  time.Time `json:"time"`
	Files []File    `json:"files"`
}

// Bytes is the size of the files.
func (r *Removed) Bytes() int64 { return sizeOf(r.Files) }

// commit is the difference between two versions: a file of the log.
type commit struct {
	Format    int       `json:"format"`
	Version   int64     `json:"version"`
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	ID        string    `json:"id,omitempty"`      // of the corpus, in version 0
	Current   int       `json:"current"`           // edition that readers see from now on
	Edition   *Edition  `json:"edition,omitempty"` // the edition that changes, without its parts
	Add       []Part    `json:"add,omitempty"`     // to this edition
	Remove    []string  `json:"remove,omitempty"`  // stems of parts, from this edition
	Drop      []int     `json:"drop,omitempty"`    // editions
	// Forget removes the entries of Removed up to this time: their files are about to be removed.
	Forget time.Time `json:"forget,omitzero"`
}

// Edition returns an edition, or nil.
func (s *Snapshot) Edition(id int) *Edition {
	i := slices.IndexFunc(s.Editions, func(e Edition) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Editions[i]
}

// Seen returns the edition that readers see. It is empty, with ID 0, if nothing was published.
func (s *Snapshot) Seen() *Edition {
	if e := s.Edition(s.Current); e != nil {
		return e
	}
	return &Edition{}
}

// Target returns the edition that run and sync continue by default: the newest one that is being
// built, or the current one.
func (s *Snapshot) Target() *Edition {
	for i := range slices.Backward(s.Editions) {
		if s.Editions[i].Building {
			return &s.Editions[i]
		}
	}
	return s.Seen()
}

// State says what readers have of an edition: "current", "building", or "kept".
func (s *Snapshot) State(e *Edition) string {
	switch {
	case e.ID == s.Current:
		return "current"
	case e.Building:
		return "building"
	}
	return "kept"
}

// find returns the newest edition of a configuration, or nil.
func (s *Snapshot) find(fingerprint string) *Edition {
	for i := range slices.Backward(s.Editions) {
		if s.Editions[i].Fingerprint == fingerprint {
			return &s.Editions[i]
		}
	}
	return nil
}

// apply returns the next snapshot. The receiver does not change.
func (s *Snapshot) apply(c *commit) (Snapshot, error) {
	if c.Version != s.Version+1 {
		return Snapshot{}, fmt.Errorf("version %d after version %d: %w", c.Version, s.Version, ErrDamaged)
	}
	next := *s
	next.Format, next.Version, next.Time, next.Current = format, c.Version, c.Time, c.Current
	next.ID = cmp.Or(s.ID, c.ID)
	next.Editions = slices.Clone(s.Editions)
	next.Removed = slices.DeleteFunc(slices.Clone(s.Removed), func(r Removed) bool { return !r.Time.After(c.Forget) })
	var gone []Part
	for _, id := range c.Drop {
		if e := next.Edition(id); e != nil {
			gone = append(gone, e.Parts...)
		}
		next.Editions = slices.DeleteFunc(next.Editions, func(e Edition) bool { return e.ID == id })
	}
	if c.Edition != nil {
		gone = append(gone, next.change(c)...)
	}
	next.bury(gone, c)
	return next, nil
}

// change applies a commit to its edition, and returns the parts that the edition lost.
func (s *Snapshot) change(c *commit) (gone []Part) {
	e := *c.Edition
	if old := s.Edition(e.ID); old != nil {
		e.Parts = slices.Clone(old.Parts)
		defer func() { *old = e }()
	} else {
		defer func() { s.Editions = append(s.Editions, e) }()
	}
	for _, stem := range c.Remove {
		name := stem[:max(0, len(stem)-9)]
		if i, ok := slices.BinarySearchFunc(e.Parts, name, byName); ok && e.Parts[i].stem() == stem {
			gone = append(gone, e.Parts[i])
			e.Parts = slices.Delete(e.Parts, i, i+1)
		}
	}
	for _, p := range c.Add {
		i, ok := slices.BinarySearchFunc(e.Parts, p.Name, byName)
		if ok {
			gone, e.Parts[i] = append(gone, e.Parts[i]), p
		} else {
			e.Parts = slices.Insert(e.Parts, i, p)
		}
	}
	return gone
}

// bury adds the files of parts that no edition has any more to Removed, and takes out of it those
// that were added again.
func (s *Snapshot) bury(gone []Part, c *commit) {
	if len(gone) > 0 {
		live := s.livePaths()
		r := Removed{Time: c.Time}
		for _, p := range gone {
			r.Files = append(
				r.Files,
				slices.DeleteFunc(slices.Clone(p.Files), func(f File) bool { return live[f.Path] })...)
		}
		if len(r.Files) > 0 {
			s.Removed = append(s.Removed, r)
		}
	}
	if len(s.Removed) == 0 || len(c.Add) == 0 {
		return
	}
	added := map[string]bool{}
	for _, p := range c.Add {
		for _, f := range p.Files {
			added[f.Path] = true
		}
	}
	for i, r := range s.Removed {
		s.Removed[i].Files = slices.DeleteFunc(slices.Clone(r.Files), func(f File) bool { return added[f.Path] })
	}
	s.Removed = slices.DeleteFunc(s.Removed, func(r Removed) bool { return len(r.Files) == 0 })
}

// Files yields the files of all editions, each once.
func (s *Snapshot) Files() iter.Seq[File] {
	return func(yield func(File) bool) {
		seen := map[string]bool{}
		for i := range s.Editions {
			for _, p := range s.Editions[i].all() {
				for _, f := range p.Files {
					if seen[f.Path] {
						continue // of two editions
					}
					if seen[f.Path] = true; !yield(f) {
						return
					}
				}
			}
		}
	}
}

// livePaths returns the paths of the files of all editions.
func (s *Snapshot) livePaths() map[string]bool {
	live := map[string]bool{}
	for f := range s.Files() {
		live[f.Path] = true
	}
	return live
}

// knownPaths returns the paths of the files that an edition has or had.
func (s *Snapshot) knownPaths() map[string]bool {
	known := s.livePaths()
	for _, r := range s.Removed {
		for _, f := range r.Files {
			known[f.Path] = true
		}
	}
	return known
}

// visibleChange returns the parts that readers see after a commit and not before it, and those that
// they saw before and not after.
func visibleChange(before, after *Snapshot, c *commit) (add, remove []*Part) {
	if before.Current == after.Current && (c.Edition == nil || c.Edition.ID != after.Current) {
		return nil, nil
	}
	old, now := map[string]*Part{}, map[string]*Part{}
	for _, p := range before.Seen().all() {
		old[p.stem()] = p
	}
	for _, p := range after.Seen().all() {
		now[p.stem()] = p
		if was := old[p.stem()]; was == nil || !slices.Equal(was.Files, p.Files) {
			add = append(add, p)
		}
	}
	for _, p := range before.Seen().all() {
		if now[p.stem()] == nil {
			remove = append(remove, p)
		}
	}
	return add, remove
}
