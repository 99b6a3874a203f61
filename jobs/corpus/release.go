package corpus

import "slices"

// isRetired reports whether a release was replaced by the one that readers see.
func (s *Snapshot) isRetired(release string) bool { return release != local && release < s.Release }

// withRelease returns the next snapshot, in which readers see a release and older ones are gone.
func (s *Snapshot) withRelease(release string) Snapshot {
	next := s.with()
	next.Release = release
	next.Units = slices.DeleteFunc(next.Units, func(r Record) bool { return next.isRetired(r.Release) })
	return next
}

// SetRelease makes one of PubMed's releases ("pubmed26") visible to readers, beside the units that
// belong to no release, and removes the units of older ones. Until it is called, readers see all
// units.
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
		if r := &before.Units[i]; live.isRetired(r.Release) {
			if err := s.removeUnit(r); err != nil {
				return explain(s.root, err)
			}
		}
	}
	return nil
}
