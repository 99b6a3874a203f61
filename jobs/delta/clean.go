package delta

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// Clean removes the commits and the checkpoints before the newest intact checkpoint up to a
// version. Versions before that checkpoint can then no longer be read. Without such a checkpoint
// it does nothing. It may be repeated after an error.
func (l *Log) Clean(version int64) error {
	listed, err := l.list()
	if err != nil {
		return err
	}
	s, _, err := l.start(listed, version)
	if err != nil {
		return err
	}
	old := func(v int64) bool { return v < s.version }
	if !slices.ContainsFunc(listed.commits, old) && !slices.ContainsFunc(listed.checkpoints, old) {
		return nil
	}
	// A crash may have left _last_checkpoint at one of those that are removed now.
	if err := l.Checkpoint(s.version, time.Time{}); err != nil {
		return err
	}
	for _, v := range slices.DeleteFunc(listed.commits, func(v int64) bool { return !old(v) }) {
		if err := l.dir.Remove(l.commitKey(v)); err != nil {
			return err
		}
	}
	for _, v := range slices.DeleteFunc(listed.checkpoints, func(v int64) bool { return !old(v) }) {
		if err := l.dir.Remove(l.checkpointKey(v)); err != nil {
			return err
		}
	}
	return nil
}

// Verify reads every file of the log. It returns the errors of all that are damaged (ErrDamaged),
// missing (fs.ErrNotExist) or do not belong there. A missing table has no errors.
func (l *Log) Verify() error {
	listed, err := l.list()
	if err != nil {
		return err
	}
	var errs []error
	for _, key := range listed.others {
		errs = append(errs, fmt.Errorf("%s: %w", l.dir.Path(key), ErrForeign))
	}
	for _, v := range listed.checkpoints {
		_, err := l.readCheckpoint(v)
		errs = append(errs, err)
	}
	if len(listed.commits) == 0 {
		if len(listed.checkpoints) > 0 {
			errs = append(errs, fmt.Errorf("%s: no commit: %w", l.dir.Path(l.key("")), fs.ErrNotExist))
		}
		return errors.Join(errs...)
	}
	if first := listed.commits[0]; first > 0 && !slices.Contains(listed.checkpoints, first) {
		errs = append(errs, fmt.Errorf("%s: %w", l.dir.Path(l.commitKey(first-1)), fs.ErrNotExist))
	}
	for i, v := range listed.commits {
		if i > 0 && v != listed.commits[i-1]+1 {
			errs = append(errs, fmt.Errorf("%s: %w", l.dir.Path(l.commitKey(v-1)), fs.ErrNotExist))
		}
		_, err := l.readCommit(v)
		errs = append(errs, err)
	}
	if hint, err := l.hint(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	} else if err == nil && !slices.Contains(listed.checkpoints, hint.Version) {
		errs = append(errs, fmt.Errorf("%s: %w", l.dir.Path(l.checkpointKey(hint.Version)), fs.ErrNotExist))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err = l.read(-1)
	return err
}
