package corpus

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
)

// Retention is the default time for which files that were replaced or dropped are kept, for readers
// of an earlier version.
const Retention = 7 * 24 * time.Hour

// Manager changes which results a corpus has and how they are stored, without computing any. One
// process at a time can manage a corpus, also beside a run.
type Manager struct{ sink *Sink }

// Manage opens an existing corpus for management, and repairs the remains of a crash unless a run
// is at work. Close it when done.
func Manage(root string, o Options) (*Manager, error) {
	if _, err := Open(root); err != nil {
		return nil, err
	}
	s := newSink(root, Configuration{}, o)
	s.locks = true
	var err error
	if s.unlock, err = s.dir.Lock(manageLock); err != nil {
		return nil, explain(root, err)
	}
	err = s.exclusive(func() error {
		err := s.withoutRun(func() error { return s.recover(s.sweep) })
		if errors.Is(err, store.ErrLocked) {
			err = s.recover(nil)
		}
		return err
	})
	if err != nil {
		return nil, explain(root, errors.Join(err, s.unlock()))
	}
	return &Manager{s}, nil
}

// withoutRun calls do unless a run is at work, which is store.ErrLocked. It belongs into exclusive,
// where a run that begins waits for it.
func (s *Sink) withoutRun(do func() error) (err error) {
	end, err := s.dir.Lock(lockFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	return do()
}

// ManageAlone is Manage, but no run may be at work: that is ErrLocked.
func ManageAlone(root string, o Options) (*Manager, error) {
	if _, err := Open(root); err != nil {
		return nil, err
	}
	endRun, err := store.New(root, o.Fault).Lock(lockFile)
	if err != nil {
		return nil, explain(root, err)
	}
	m, err := Manage(root, o)
	if err != nil {
		return nil, errors.Join(err, endRun())
	}
	unlock := m.sink.unlock
	m.sink.unlock = func() error { return errors.Join(unlock(), endRun()) }
	if err := m.sink.sweep(); err != nil { // which Manage left to the run
		return nil, errors.Join(explain(root, err), m.Close())
	}
	return m, nil
}

// Close releases the corpus.
func (m *Manager) Close() error { return m.sink.Close() }

// Snapshot returns the current snapshot.
func (m *Manager) Snapshot() Snapshot { return m.sink.Snapshot() }

// Use makes an edition the current one. An edition that lacks units of the current one is refused
// unless incomplete allows it.
func (m *Manager) Use(id int, incomplete bool) error {
	return m.change(id, func(live *Snapshot, e *Edition) (*commit, error) {
		if live.Current == id {
			return nil, nil
		}
		if missing := e.Missing(live.Seen()); len(missing) > 0 && !incomplete {
			return nil, &EditionError{ID: id, What: fmt.Sprintf(
				"lacks %d units of edition %d (%s): complete it with pubmine run, or give --incomplete",
				len(missing), live.Current, strings.Join(missing[:min(3, len(missing))], ", "))}
		}
		c := &commit{Operation: "RESTORE", Current: id, Edition: e.header()}
		c.Edition.Building, c.Edition.Waiting = false, false
		return c, nil
	})
}

// Drop removes an edition. Its files are kept until gc removes them.
func (m *Manager) Drop(id int) error {
	return m.change(id, func(live *Snapshot, e *Edition) (*commit, error) {
		if live.Current == id {
			return nil, &EditionError{ID: id, What: "is the one that readers see: use another one first"}
		}
		return &commit{Operation: "DELETE", Current: live.Current, Drop: []int{id}}, nil
	})
}

// change commits a change of an edition, unless a run is at work.
func (m *Manager) change(id int, of func(*Snapshot, *Edition) (*commit, error)) error {
	append := func() error {
		return m.sink.append(func(live *Snapshot) (*commit, error) {
			e := live.Edition(id)
			if e == nil {
				return nil, &EditionError{ID: id, What: "does not exist: see pubmine edition list"}
			}
			return of(live, e)
		})
	}
	err := m.sink.exclusive(func() error { return m.sink.withoutRun(append) })
	return explain(m.sink.root, err)
}

// EditionError reports that an edition cannot be used or dropped.
type EditionError struct {
	ID   int
	What string
}

// Error names the edition, and what to do.
func (e *EditionError) Error() string { return fmt.Sprintf("edition %d %s", e.ID, e.What) }

// Garbage is what [Manager.Collect] removed, or would remove.
type Garbage struct {
	Files int
	Bytes int64
	// Kept are files that are still in their retention time.
	Kept      int
	KeptBytes int64
}

// Collect removes files that no edition has any more for longer than retention, and older
// generations of the links. Delta versions that need them can no longer be read. With dry it only
// counts.
func (m *Manager) Collect(retention time.Duration, dry bool) (Garbage, error) {
	return m.sink.Collect(retention, dry)
}

// Collect is [Manager.Collect], for the process that writes.
func (s *Sink) Collect(retention time.Duration, dry bool) (g Garbage, err error) {
	err = s.exclusive(func() error {
		g, err = s.collect(s.now().Add(-retention), dry)
		return err
	})
	return g, explain(s.root, err)
}

func (s *Sink) collect(until time.Time, dry bool) (g Garbage, err error) {
	live := s.Snapshot()
	var old []File
	for _, r := range live.Removed {
		for _, f := range r.Files {
			if r.Time.After(until) {
				g.Kept, g.KeptBytes = g.Kept+1, g.KeptBytes+f.Bytes
				continue
			}
			g.Files, g.Bytes = g.Files+1, g.Bytes+f.Bytes
			old = append(old, f)
		}
	}
	if dry {
		return g, nil
	}
	if len(old) > 0 {
		// First the log: a crash then leaves files of no edition, which the next run removes.
		err := s.append(func(live *Snapshot) (*commit, error) {
			return &commit{Operation: "VACUUM", Current: live.Current, Forget: until}, nil
		})
		if err != nil {
			return g, err
		}
	}
	for _, f := range old {
		if err := s.dir.Remove(f.Path); err != nil {
			return g, err
		}
	}
	if err := (deltaLogs{s.dir}).clean(&live, until); err != nil {
		return g, err
	}
	return g, s.removeLinks()
}

// removeLinks removes the links of earlier generations: their files would otherwise stay on the
// disk. Files that pubmine did not put there are left alone.
func (s *Sink) removeLinks() error {
	dir := s.dir
	now, err := links{dir}.generation()
	if err != nil {
		return err
	}
	files, err := dir.List(linksDir)
	if err != nil {
		return err
	}
	for _, p := range files {
		generation, rest, _ := strings.Cut(strings.TrimPrefix(p, linksDir+"/"), "/")
		if generation == now || strings.Count(rest, "/") != 2 || path.Ext(p) != ".parquet" {
			continue
		}
		if err := dir.Remove(p); err != nil {
			return err
		}
	}
	return nil
}
