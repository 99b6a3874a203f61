package jobs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/pipeline"
)

// keepSnapshots is how many of the newest snapshots are kept: a reader that has just listed them must still find one.
const keepSnapshots = 3

// Snapshot is what a corpus holds at one moment: the live units, by name.
type Snapshot struct {
	Format int      `json:"format"`
	Number int      `json:"number"` // 0: nothing was ever published
	Units  []Record `json:"units"`
}

// Counts returns the numbers of live rows.
func (s *Snapshot) Counts() pipeline.Counts {
	var c pipeline.Counts
	for i := range s.Units {
		c.Merge(s.Units[i].Counts)
	}
	return c
}

// Parts returns the live files of a table, by unit.
func (s *Snapshot) Parts(table string) []Part {
	var parts []Part
	for i := range s.Units {
		for _, p := range s.Units[i].Parts {
			if p.Table == table {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// Unit returns the record of a live unit.
func (s *Snapshot) Unit(name string) (Record, bool) {
	i, found := slices.BinarySearchFunc(s.Units, name, byName)
	if !found {
		return Record{}, false
	}
	return s.Units[i], true
}

func byName(r Record, name string) int { return cmp.Compare(r.Unit, name) }

// with returns the snapshot after s, in which each record has the place of its unit unless a higher generation has it.
func (s *Snapshot) with(records ...Record) Snapshot {
	next := Snapshot{Format: format, Number: s.Number + 1, Units: slices.Clone(s.Units)}
	for _, r := range records {
		r.Spec = nil
		i, found := slices.BinarySearchFunc(next.Units, r.Unit, byName)
		switch {
		case !found:
			next.Units = slices.Insert(next.Units, i, r)
		case next.Units[i].Generation <= r.Generation:
			next.Units[i] = r
		}
	}
	return next
}

// latest reads the newest snapshot that is whole. Where the file system has no hard links a crash may have torn the newest.
func latest(dir *store.Dir) (s Snapshot, files []string, err error) {
	files, err = dir.List(snapshotsDir)
	if err != nil {
		return Snapshot{}, nil, err
	}
	files = slices.DeleteFunc(files, func(p string) bool { return snapshotNumber(p) == 0 })
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(snapshotNumber(a), snapshotNumber(b)) })
	for _, p := range slices.Backward(files) {
		data, err := dir.Get(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue // pruned since it was listed
		}
		if err != nil {
			return Snapshot{}, nil, err
		}
		if json.Unmarshal(data, &s) != nil || s.Number != snapshotNumber(p) {
			s = Snapshot{}
			continue
		}
		if s.Format != format {
			return Snapshot{}, nil, fmt.Errorf("%w (snapshot format %d)", ErrFormat, s.Format)
		}
		return s, files, nil
	}
	return Snapshot{Format: format}, files, nil
}

// publish adds a snapshot that has the records. Another run may have taken the number: then its snapshot is the one to add to.
func publish(dir *store.Dir, s Snapshot, records ...Record) (Snapshot, error) {
	for {
		next := s.with(records...)
		data, err := json.Marshal(next)
		if err != nil {
			return Snapshot{}, fmt.Errorf("snapshot: %w", err)
		}
		err = dir.PutIfAbsent(snapshotPath(next.Number), append(data, '\n'))
		if err == nil {
			return next, prune(dir, next.Number)
		}
		if !errors.Is(err, fs.ErrExist) {
			return Snapshot{}, err
		}
		newest, files, err := latest(dir)
		if err != nil {
			return Snapshot{}, err
		}
		s = newest
		if len(files) > 0 { // the newest number may be that of a torn file
			s.Number = max(s.Number, snapshotNumber(files[len(files)-1]))
		}
	}
}

// prune removes the snapshot that has just become too old.
func prune(dir *store.Dir, newest int) error {
	if newest <= keepSnapshots {
		return nil
	}
	return dir.Remove(snapshotPath(newest - keepSnapshots))
}
