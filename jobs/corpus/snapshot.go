package corpus

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

// keepSnapshots is the number of newest snapshots that are kept: a reader that has just listed them
// must still find one.
const keepSnapshots = 3

// Snapshot is the content of a corpus at one moment: its live units, by name.
type Snapshot struct {
	Format int `json:"format"`
	Number int `json:"number"` // 0: nothing has been published
	// Release is the one of PubMed's releases that readers see; units of newer releases wait.
	// Empty: all units are seen.
	Release string   `json:"release,omitempty"`
	Units   []Record `json:"units"`
}

// Counts returns the numbers of live rows.
func (s *Snapshot) Counts() schemas.Counts {
	var c schemas.Counts
	for i := range s.Units {
		c.Merge(s.Units[i].Counts)
	}
	return c
}

// Files returns the live files of a table, by unit.
func (s *Snapshot) Files(table string) []File {
	var parts []File
	for i := range s.Units {
		for _, p := range s.Units[i].Files {
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

// with returns the next snapshot, in which each record replaces that of its unit unless that one
// has a higher generation.
func (s *Snapshot) with(records ...Record) Snapshot {
	next := Snapshot{Format: format, Number: s.Number + 1, Release: s.Release, Units: slices.Clone(s.Units)}
	for _, r := range records {
		r.Configuration = nil
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

// snapshotFiles lists the snapshots, oldest first.
func snapshotFiles(dir *store.Dir) ([]string, error) {
	files, err := dir.List(snapshotsDir)
	files = slices.DeleteFunc(files, func(p string) bool { return snapshotNumber(p) == 0 })
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(snapshotNumber(a), snapshotNumber(b)) })
	return files, err
}

// newestSnapshot reads the newest intact snapshot. Without hard links, a crash may have torn the
// newest.
func newestSnapshot(dir *store.Dir) (s Snapshot, files []string, err error) {
	files, err = snapshotFiles(dir)
	if err != nil {
		return Snapshot{}, nil, err
	}
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

// publish adds a snapshot with the records.
func publish(dir *store.Dir, s Snapshot, records ...Record) (Snapshot, error) {
	return publishChange(dir, s,
		func(s *Snapshot) Snapshot { return s.with(records...) },
		func(s *Snapshot) bool { return s.has(records) })
}

// publishChange adds a snapshot with a change. If another writer was faster, its snapshot is the
// one to change, unless it has the change already. A free number may belong to a snapshot that was
// pruned, so a number counts only if it is the newest.
func publishChange(
	dir *store.Dir, s Snapshot, change func(*Snapshot) Snapshot, done func(*Snapshot) bool,
) (Snapshot, error) {
	for {
		next := change(&s)
		data, err := json.Marshal(next)
		if err != nil {
			return Snapshot{}, fmt.Errorf("snapshot: %w", err)
		}
		err = dir.PutIfAbsent(snapshotPath(next.Number), append(data, '\n'))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return Snapshot{}, err
		}
		files, listing := snapshotFiles(dir)
		if listing != nil {
			return Snapshot{}, listing
		}
		newest := snapshotNumber(files[len(files)-1])
		if err == nil && newest == next.Number {
			return next, prune(dir, files)
		}
		if s, _, err = newestSnapshot(dir); err != nil {
			return Snapshot{}, err
		}
		if done(&s) {
			return s, nil
		}
		s.Number = max(s.Number, newest) // the newest may be torn
	}
}

// has reports whether the snapshot already holds the records.
func (s *Snapshot) has(records []Record) bool {
	return !slices.ContainsFunc(records, func(r Record) bool {
		live, ok := s.Unit(r.Unit)
		return !ok || live.Generation < r.Generation || live.Generation == r.Generation && live.Key != r.Key
	})
}

// prune removes all but the newest snapshots of an ordered list.
func prune(dir *store.Dir, files []string) error {
	for _, p := range files[:max(0, len(files)-keepSnapshots)] {
		if err := dir.Remove(p); err != nil {
			return err
		}
	}
	return nil
}
