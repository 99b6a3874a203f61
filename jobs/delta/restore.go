package delta

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// Restore repairs a log from its content: the whole of a version, in Add, and the commits after it.
// Version -1 of whole is the beginning. Files of the log that are as they should be stay. Versions
// before that of whole stay if they are intact; otherwise the log begins with whole. Commits of
// other programs are ErrConflict, and files that do not belong to a log stay.
func (l *Log) Restore(whole Commit, commits []Commit) error {
	last := whole.Version
	for _, c := range commits {
		if err := l.replace(c, false); err != nil {
			return err
		}
		last = c.Version
	}
	if err := l.dropAfter(last); err != nil {
		return err
	}
	if err := l.dropDamagedCheckpoints(); err != nil {
		return err
	}
	if l.has(last, content(whole, commits)) {
		return nil
	}
	// A checkpoint may be that of another history.
	if err := l.dropCheckpoints(func(int64) bool { return true }); err != nil || whole.Version < 0 {
		return err
	}
	return l.begin(whole)
}

// content returns the paths of the files of the newest version, sorted.
func content(whole Commit, commits []Commit) []string {
	live := map[string]bool{}
	for _, c := range append([]Commit{whole}, commits...) {
		for _, f := range c.Remove {
			delete(live, f.Path)
		}
		for _, f := range c.Add {
			live[f.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(live))
}

// has reports whether the log is intact, apart from files that do not belong to it, and its newest
// version has this number and these files.
func (l *Log) has(version int64, paths []string) bool {
	if err := l.Verify(); err != nil && !onlyForeign(err) {
		return false
	}
	newest, err := l.Version()
	if err != nil || newest != version {
		return false
	}
	files, err := l.Read(version)
	return err == nil && slices.EqualFunc(files, paths, func(f File, path string) bool { return f.Path == path })
}

// replace writes a commit, unless it is there. With whole it is one from which a log begins.
func (l *Log) replace(c Commit, whole bool) error {
	key := l.commitKey(c.Version)
	data, err := l.encode(c, whole)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	found, err := l.dir.Get(key)
	switch {
	case err == nil && bytes.Equal(found, data):
		return nil
	case err == nil:
		if err := l.checkOwn(key, found); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return l.dir.Put(key, data)
}

// checkOwn returns ErrConflict for an intact commit of another program.
func (l *Log) checkOwn(key string, data []byte) error {
	if _, err := decode(data); err == nil && isForeign(data) {
		return fmt.Errorf("%s: %w", l.dir.Path(key), ErrConflict)
	}
	return nil
}

// dropAfter removes the commits and checkpoints after a version.
func (l *Log) dropAfter(version int64) error {
	listed, err := l.list()
	if err != nil {
		return err
	}
	for _, v := range slices.Backward(listed.commits) {
		if v <= version {
			break
		}
		key := l.commitKey(v)
		data, err := l.dir.Get(key)
		if err == nil {
			err = l.checkOwn(key, data)
		}
		if err == nil {
			err = l.dir.Remove(key)
		}
		if err != nil {
			return err
		}
	}
	return l.dropCheckpoints(func(v int64) bool { return v > version })
}

// dropDamagedCheckpoints removes damaged checkpoints, which no reader needs where the commits are
// there, and _last_checkpoint if it is damaged or names one that is gone.
func (l *Log) dropDamagedCheckpoints() error {
	listed, err := l.list()
	if err != nil {
		return err
	}
	intact := map[int64]bool{}
	for _, v := range listed.checkpoints {
		_, err := l.readCheckpoint(v)
		if errors.Is(err, ErrDamaged) {
			err = l.dir.Remove(l.checkpointKey(v))
		} else {
			intact[v] = err == nil
		}
		if err != nil {
			return err
		}
	}
	hint, err := l.hint()
	if err == nil && intact[hint.Version] || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	if err := l.dir.Remove(l.key(hintName)); err != nil {
		return err
	}
	for _, v := range slices.Backward(listed.checkpoints) {
		if intact[v] {
			return l.Checkpoint(v, time.Time{}) // which writes it again
		}
	}
	return nil
}

// onlyForeign reports whether an error of Verify is about nothing but files that do not belong to a
// log.
func onlyForeign(err error) bool {
	all, ok := err.(interface{ Unwrap() []error })
	return ok && !slices.ContainsFunc(all.Unwrap(), func(e error) bool { return !errors.Is(e, ErrForeign) })
}

// begin makes a version the first one of the log, which has no checkpoints. Later commits stay.
func (l *Log) begin(whole Commit) error {
	data, err := l.encode(whole, true)
	if err != nil {
		return err
	}
	actions, err := decode(data)
	if err != nil {
		return err
	}
	s := newSnapshot(whole.Version)
	s.apply(actions)
	if err := l.writeCheckpoint(s); err != nil {
		return err
	}
	listed, err := l.list()
	if err != nil {
		return err
	}
	for _, v := range listed.commits {
		if v < whole.Version {
			if err := l.dir.Remove(l.commitKey(v)); err != nil {
				return err
			}
		}
	}
	return l.replace(whole, true)
}

// dropCheckpoints removes checkpoints of some versions and, with the last one, _last_checkpoint.
func (l *Log) dropCheckpoints(drop func(version int64) bool) error {
	listed, err := l.list()
	if err != nil {
		return err
	}
	left := 0
	for _, v := range listed.checkpoints {
		if !drop(v) {
			left++
			continue
		}
		if err := l.dir.Remove(l.checkpointKey(v)); err != nil {
			return err
		}
	}
	if left > 0 {
		return nil
	}
	return l.dir.Remove(l.key(hintName))
}
