package corpus

import (
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
		err := log.Commit(delta.Commit{
			Version: c.Version, Time: c.Time, Operation: c.Operation,
			Info: map[string]string{"edition": strconv.Itoa(after.Current)},
			Add:  deltaFiles(add, log.table), Remove: deltaFiles(remove, log.table),
		})
		if err != nil {
			return err
		}
	}
	return nil
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
	seen := s.Seen().all()
	for _, log := range d.tables(s) {
		if err := log.Verify(); err != nil {
			what := strings.ReplaceAll(err.Error(), "\n", "; ")
			problems = append(problems, Problem{Path: delta.Dir(log.table), What: what})
			continue
		}
		files, err := log.Read(-1)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(pathsOf(files), pathsOf(deltaFiles(seen, log.table))) {
			what := "lists other files than the log of the corpus"
			problems = append(problems, Problem{Path: delta.Dir(log.table), What: what})
		}
	}
	return problems, nil
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
// commit it again heals it, and does nothing if it is whole.
func (d deltaLogs) recover(h *history) error {
	oldest := h.newest.Version
	for _, log := range d.tables(&h.newest) {
		v, err := log.Version()
		if err != nil {
			return err
		}
		oldest = min(oldest, v)
		if v < h.base.Version {
			return fmt.Errorf("%s: its newest version is %d, that of the corpus %d: %w",
				delta.Dir(log.table), v, h.base.Version, ErrDamaged)
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
		for i := range p.Units {
			if r := &p.Units[i]; table == "documents" && r.FirstPMID > 0 {
				if x.FirstPMID == 0 || int32(r.FirstPMID) < x.FirstPMID {
					x.FirstPMID = int32(r.FirstPMID)
				}
				x.LastPMID = max(x.LastPMID, int32(r.LastPMID))
			}
		}
		files = append(files, x)
	}
	return files
}
