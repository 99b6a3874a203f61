package corpus

import (
	"fmt"
	"slices"
)

// BeginRelease says which of PubMed's yearly releases ("pubmed26") the edition is of. If it has
// units of an older one, a new edition begins with those that belong to no release; readers see the
// older one until SetRelease.
func (s *Sink) BeginRelease(release string) error {
	e := s.Edition()
	if e.Release == release {
		return nil
	}
	if own := e.NewestRelease(); own == "" || own == release {
		s.release, s.waiting = release, true
		return s.changeEdition(func(e *Edition) { e.Release, e.Waiting = release, true })
	}
	return explain(s.root, s.commit(func(live *Snapshot) (*commit, error) {
		next := *e.header()
		for i := range live.Editions {
			next.ID = max(next.ID, live.Editions[i].ID+1)
		}
		next.Release, next.Created, next.Building, next.Waiting = release, s.now(), true, true
		c := &commit{Operation: "WRITE", Current: live.Current, Edition: &next}
		for _, p := range e.Parts {
			other := func(r Record) bool { return r.Release != local && r.Release != release }
			if !slices.ContainsFunc(p.Units, other) {
				c.Add = append(c.Add, p)
			}
		}
		s.edition, s.release = next.ID, release
		s.options.Log(fmt.Sprintf("edition %d begins: release %s; readers see edition %d until its baseline is complete",
			next.ID, release, live.Current))
		return c, nil
	}))
}

// SetRelease says that the baseline of the edition's release is complete: readers see the edition
// if it also has the other units of the current one. The edition of the release before is dropped
// if it has the same configuration.
func (s *Sink) SetRelease() error {
	return explain(s.root, s.commit(func(live *Snapshot) (*commit, error) {
		e := live.Edition(s.edition)
		if e == nil || !e.Waiting {
			return nil, nil
		}
		c := &commit{Operation: "WRITE", Current: live.Current, Edition: e.header()}
		c.Edition.Waiting = false
		s.complete(live, c)
		if seen := live.Seen(); c.Current != live.Current && seen.Fingerprint == e.Fingerprint {
			c.Drop = []int{seen.ID}
		}
		return c, nil
	}))
}

// changeEdition commits a change of the edition's header, if the edition has begun.
func (s *Sink) changeEdition(change func(*Edition)) error {
	return explain(s.root, s.commit(func(live *Snapshot) (*commit, error) {
		e := live.Edition(s.edition)
		if e == nil {
			return nil, nil
		}
		c := &commit{Operation: "WRITE", Current: live.Current, Edition: e.header()}
		change(c.Edition)
		return c, nil
	}))
}
