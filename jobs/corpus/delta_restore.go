package corpus

import (
	"errors"
	"fmt"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
)

// longestHistory reads the log from the oldest version from which on it is intact.
func longestHistory(dir *store.Dir) (h history, err error) {
	commits, checkpoints, err := logFiles(dir)
	if err != nil {
		return h, err
	}
	for i := range len(checkpoints) + 1 {
		if h, err = replay(dir, commits, checkpoints[:i]); err == nil {
			return h, nil
		}
	}
	return h, err
}

// restore repairs the Delta logs that are lost, damaged or behind; with all it compares the commits
// of the others, too. A log begins with the oldest version that the log of the corpus still has, if
// its own older commits are damaged.
func (d deltaLogs) restore(all bool, log func(line string)) error {
	h, err := longestHistory(d.dir)
	if err != nil {
		return err
	}
	newest, err := readLog(d.dir)
	if err != nil {
		return err
	}
	type change struct{ add, remove []*Part }
	changes, before := make([]change, len(h.commits)), h.base
	for i := range h.commits {
		after, err := before.apply(&h.commits[i])
		if err != nil {
			return err
		}
		changes[i].add, changes[i].remove = visibleChange(&before, &after, &h.commits[i])
		before = after
	}
	for _, l := range d.tables(&h.newest) {
		wrong := l.check(&h.newest)
		if wrong == nil && !all {
			continue
		}
		if errors.Is(wrong, store.ErrIO) {
			return wrong
		}
		whole := delta.Commit{
			Version: h.base.Version, Time: h.base.Time, Operation: "RESTORE", Info: editionInfo(&h.base),
			Add: deltaFiles(h.base.Seen().all(), l.table),
		}
		commits, before := make([]delta.Commit, len(h.commits)), h.base
		for i := range h.commits {
			c := &h.commits[i]
			before.Current = c.Current
			commits[i] = deltaCommit(&before, c, changes[i].add, changes[i].remove, l.table)
		}
		if err := l.Restore(whole, commits); err != nil {
			return err
		}
		if base := &newest.base; base.Version > h.base.Version { // when it was written, so were theirs
			if err := l.Checkpoint(base.Version, base.Time.Add(-Retention)); err != nil {
				return err
			}
		}
		if err := l.check(&h.newest); wrong != nil && err == nil {
			log(fmt.Sprintf("%s/_delta_log: restored from the log of the corpus", delta.Dir(l.table)))
		}
	}
	return nil
}
