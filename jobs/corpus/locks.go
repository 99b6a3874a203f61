package corpus

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/pubmine/pubmine/jobs/store"
)

// Three files of a corpus are locked (flock), each by one process at a time:
//
//	meta/lock    by the run or sync that writes units
//	meta/manage  by a Manager: gc, compact
//	meta/commit  by whoever publishes or removes files and changes the log, for a moment
//
// Files that nothing refers to may belong to the unfinished work of another process. They are
// removed only by the holder of the first two.

// exclusive calls do while no other process publishes or removes files. The snapshot is then the
// newest one.
func (s *Sink) exclusive(do func() error) (err error) {
	if s.preview || !s.locks {
		return do()
	}
	release, err := s.dir.WaitLock(commitLock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if s.live.ID != "" {
		if err := s.refresh(); err != nil {
			return err
		}
	}
	return do()
}

// refresh takes up what other processes committed. It returns ErrVanished if the log was deleted or
// moved: nothing may be published to what is left.
func (s *Sink) refresh() error {
	live := s.Snapshot()
	_, next := s.dir.Stat(commitPath(live.Version + 1))
	_, err := s.dir.Stat(commitPath(live.Version))
	if errors.Is(next, fs.ErrNotExist) && err == nil {
		return nil
	}
	return s.takeUp()
}

// takeUp reads the log, and completes what other processes did not: they may have been killed.
func (s *Sink) takeUp() error {
	h, err := readLog(s.dir)
	if err != nil {
		return err
	}
	live := s.Snapshot()
	if h.newest.Version < live.Version || h.newest.ID != live.ID {
		return fmt.Errorf("%s: %w", logDir, ErrVanished)
	}
	if h.newest.Version == live.Version {
		return nil
	}
	if err := (deltaLogs{s.dir}).recover(&h, s.options.Log); err != nil {
		return err
	}
	s.setLive(h.newest)
	s.base = h.base.Version
	return links{s.dir}.sync(&h.newest, s.options.Log)
}

// sweepAlone is sweep, unless a Manager is at work.
func (s *Sink) sweepAlone() (err error) {
	release, err := s.dir.Lock(manageLock)
	if errors.Is(err, store.ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return s.sweep()
}
