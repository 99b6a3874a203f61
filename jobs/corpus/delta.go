package corpus

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

// deltaLogs are the Delta logs of the tables. They follow from the log of the corpus: each of its
// commits is one version of every table.
type deltaLogs struct{ dir *store.Dir }

// deltaLog is the log of one table.
type deltaLog struct {
	*delta.Log
	table string
}

// tables returns the log of each table, that of documents last: a reader that joins tables by
// document then finds the other rows.
func (d deltaLogs) tables(s *Snapshot) []deltaLog {
	var logs []deltaLog
	tables := schemas.Tables()
	for _, t := range append(tables[1:], tables[0]) {
		logs = append(logs, deltaLog{delta.New(d.dir, t, s.ID), t.Name})
	}
	return logs
}

// commit publishes a commit of the corpus, after which readers see the parts in add and no longer
// those in remove.
func (d deltaLogs) commit(after *Snapshot, c *commit, add, remove []*Part) error {
	for _, log := range d.tables(after) {
		if err := log.Commit(deltaCommit(after, c, add, remove, log.table)); err != nil {
			return err
		}
	}
	return nil
}

// deltaCommit returns the commit of one table.
func deltaCommit(after *Snapshot, c *commit, add, remove []*Part, table string) delta.Commit {
	return delta.Commit{
		Version: c.Version, Time: c.Time, Operation: c.Operation, Info: editionInfo(after),
		SameRows: c.Operation == optimize,
		Add:      deltaFiles(add, table), Remove: deltaFiles(remove, table),
	}
}

// editionInfo names the edition that readers see, for people who read the history.
func editionInfo(s *Snapshot) map[string]string {
	return map[string]string{"edition": strconv.Itoa(s.Current)}
}

// checkpoint writes a checkpoint of every table.
func (d deltaLogs) checkpoint(s *Snapshot) error {
	for _, log := range d.tables(s) {
		if err := log.Checkpoint(s.Version, s.Time.Add(-Retention)); err != nil {
			return err
		}
	}
	return nil
}

// clean removes the versions that ended before a time: some of their files are gone.
func (d deltaLogs) clean(s *Snapshot, until time.Time) error {
	if s.Time.After(until) {
		return nil // the newest version may be older than its checkpoint
	}
	for _, log := range d.tables(s) {
		if err := log.Clean(s.Version); err != nil {
			return err
		}
	}
	return nil
}

// verify returns what is wrong with the logs, as problems of their directories.
func (d deltaLogs) verify(s *Snapshot) (problems []Problem, err error) {
	for _, log := range d.tables(s) {
		wrong := log.check(s)
		if errors.Is(wrong, store.ErrIO) {
			return nil, wrong
		}
		for _, err := range joined(wrong) {
			what := strings.ReplaceAll(err.Error(), d.dir.Path(delta.Dir(log.table))+"/", "")
			problems = append(problems, Problem{Path: delta.Dir(log.table), What: what + repairs})
		}
	}
	return problems, nil
}

// check returns what is wrong with a log.
func (l deltaLog) check(s *Snapshot) error {
	if err := l.Verify(); err != nil {
		return err
	}
	version, err := l.Version()
	if err != nil {
		return err
	}
	if version < 0 {
		return errors.New("its log is gone")
	}
	if version != s.Version {
		return fmt.Errorf("its newest version is %d, that of the corpus %d", version, s.Version)
	}
	files, err := l.Read(-1)
	if err != nil {
		return err
	}
	if !slices.Equal(pathsOf(files), pathsOf(deltaFiles(s.Seen().all(), l.table))) {
		return errors.New("it lists other files than the log of the corpus")
	}
	return nil
}

// joined returns the errors that are joined in err.
func joined(err error) []error {
	if err == nil {
		return nil
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok && errors.Join(all.Unwrap()...).Error() == err.Error() {
		return all.Unwrap()
	}
	return []error{err}
}

func pathsOf(files []delta.File) []string {
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	slices.Sort(paths)
	return paths
}

// recover brings the logs up to the log of the corpus. The newest version of each may be torn: to
// commit it again heals it, and does nothing if it is whole. A log that is lost, or damaged so that
// it cannot be continued, is restored.
func (d deltaLogs) recover(h *history, log func(line string)) error {
	err := d.catchUp(h, log)
	if err == nil || Temporary(err) {
		return err
	}
	if restoring := d.restore(true, log); restoring != nil {
		return restoring
	}
	return d.catchUp(h, log)
}

func (d deltaLogs) catchUp(h *history, log func(line string)) error {
	oldest := h.newest.Version
	for _, l := range d.tables(&h.newest) {
		v, err := l.Version()
		if err != nil {
			return err
		}
		oldest = min(oldest, v)
		if v < h.base.Version || v > h.newest.Version {
			return fmt.Errorf("%s: its newest version is %d, that of the corpus %d", delta.Dir(l.table), v,
				h.newest.Version)
		}
		if behind := h.newest.Version - v; behind > 1 { // a crash leaves one version behind
			log(fmt.Sprintf("%s/_delta_log: restored its last %d versions", delta.Dir(l.table), behind))
		}
	}
	before := h.base
	for i := range h.commits {
		after, err := before.apply(&h.commits[i])
		if err != nil {
			return err
		}
		if c := &h.commits[i]; c.Version >= oldest {
			add, remove := visibleChange(&before, &after, c)
			if err := d.commit(&after, c, add, remove); err != nil {
				return err
			}
		}
		before = after
	}
	return nil
}

// deltaFiles returns the files that parts have of a table.
func deltaFiles(parts []*Part, table string) []delta.File {
	var files []delta.File
	for _, p := range parts {
		f := p.File(table)
		if f == nil {
			continue
		}
		x := delta.File{Path: path.Base(f.Path), Rows: f.Rows, Bytes: f.Bytes, Time: p.Time}
		if table == "documents" {
			first, last := p.PMIDs()
			x.FirstPMID, x.LastPMID = int32(first), int32(last)
		}
		files = append(files, x)
	}
	return files
}
