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

// tables returns the log of each table, those of documents last: a reader that joins tables by
// document then finds the other rows.
func (d deltaLogs) tables(s *Snapshot) []*delta.Log {
	var logs []*delta.Log
	for i, tables := 0, schemas.Tables(); i < len(tables); i++ {
		logs = append(logs, delta.New(d.dir, tables[(i+1)%len(tables)], s.ID))
	}
	return logs
}

// commit publishes a commit of the corpus in the logs that do not have it.
func (d deltaLogs) commit(before, after *Snapshot, c *commit, newest []int64) error {
	add, remove := visibleChange(before, after, c)
	for i, log := range d.tables(after) {
		if newest != nil && newest[i] > c.Version {
			continue // the newest itself may be torn: to commit it again heals it
		}
		table := deltaTable(i)
		err := log.Commit(delta.Commit{
			Version: c.Version, Time: c.Time, Operation: c.Operation,
			Info: map[string]string{"edition": strconv.Itoa(after.Current)},
			Add:  deltaFiles(add, table), Remove: deltaFiles(remove, table),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deltaTable returns the name of the table of log i of tables.
func deltaTable(i int) string {
	tables := schemas.Tables()
	return tables[(i+1)%len(tables)].Name
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
	for i, log := range d.tables(s) {
		table := deltaTable(i)
		if err := log.Verify(); err != nil {
			what := strings.ReplaceAll(err.Error(), "\n", "; ")
			problems = append(problems, Problem{Path: delta.Dir(table), What: what})
			continue
		}
		files, err := log.Read(-1)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(pathsOf(files), pathsOf(deltaFiles(seenParts(s), table))) {
			what := "lists other files than the log of the corpus"
			problems = append(problems, Problem{Path: delta.Dir(table), What: what})
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

func seenParts(s *Snapshot) []*Part {
	var parts []*Part
	for i, e := 0, s.Seen(); i < len(e.Parts); i++ {
		parts = append(parts, &e.Parts[i])
	}
	return parts
}

// recover brings the logs up to the log of the corpus.
func (d deltaLogs) recover(h *history) error {
	var newest []int64
	for _, log := range d.tables(&h.newest) {
		v, err := log.Version()
		if err != nil {
			return err
		}
		newest = append(newest, v)
		if v < h.base.Version {
			return fmt.Errorf("%s: its newest version is %d, that of the corpus %d: %w",
				delta.Dir(deltaTable(len(newest)-1)), v, h.base.Version, ErrDamaged)
		}
	}
	before := h.base
	for i := range h.commits {
		after, err := before.apply(&h.commits[i])
		if err != nil {
			return err
		}
		if err := d.commit(&before, &after, &h.commits[i], newest); err != nil {
			return err
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
