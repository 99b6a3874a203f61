package corpus

import "slices"

// retired reports whether a release was replaced by the one that readers see.
func (s *Snapshot) retired(release string) bool { return release != local && release < s.Release }

// withRelease returns the snapshot after s, in which readers see a release and older ones are gone.
func (s *Snapshot) withRelease(release string) Snapshot {
	next := s.with()
	next.Release = release
	next.Units = slices.DeleteFunc(next.Units, func(r Record) bool { return next.retired(r.Release) })
	return next
}

// SetRelease makes one of PubMed's releases ("pubmed26") the one that readers see, beside the units
// that belong to none, and removes the units of older ones. Until it is called, readers see all.
func (s *Sink) SetRelease(release string) error {
	before := s.Snapshot()
	if before.Release == release {
		return nil
	}
	live, err := publishChange(s.dir, before,
		func(s *Snapshot) Snapshot { return s.withRelease(release) },
		func(s *Snapshot) bool { return s.Release == release })
	if err != nil {
		return explain(s.root, err)
	}
	s.mu.Lock()
	s.live = live
	s.mu.Unlock()
	for i := range before.Units {
		if r := &before.Units[i]; live.retired(r.Release) {
			if err := s.removeUnit(r); err != nil {
				return explain(s.root, err)
			}
		}
	}
	return nil
}
