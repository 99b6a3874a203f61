package corpus

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/jobs/store"
)

// recover completes what a crash interrupted: committed units get into a snapshot, and files that
// belong to no live unit are removed. Only the holder of the lock removes anything, because the
// unfinished work of another process looks like remains of a crash.
func (s *Sink) recover(locked bool) error {
	known, snapshots, err := newestSnapshot(s.dir)
	if err != nil {
		return err
	}
	if locked {
		for _, p := range snapshots {
			if snapshotNumber(p) > known.Number { // torn
				if err := s.dir.Remove(p); err != nil {
					return err
				}
			}
		}
	}
	records, found, dead, err := s.findRecords(&known)
	if err != nil {
		return err
	}
	s.live = known
	if len(found) > 0 {
		if s.live, err = publish(s.dir, known, found...); err != nil {
			return err
		}
		s.options.Log(fmt.Sprintf("%d committed units were in no snapshot: added", len(found)))
	}
	if !locked {
		return nil
	}
	for _, p := range snapshots {
		if snapshotNumber(p) <= s.live.Number-keepSnapshots {
			dead = append(dead, p)
		}
	}
	for _, p := range records {
		if r, ok := s.live.Unit(unitOf(p)); !ok || recordPath(r.Unit, r.Key) != p {
			dead = append(dead, p)
		}
	}
	return s.sweep(dead)
}

func unitOf(record string) string {
	unit, _, _ := strings.Cut(strings.TrimPrefix(record, unitsDir+"/"), "/")
	return unit
}

// findRecords reads the commit records that the snapshot does not have. all lists every record,
// found those of a higher generation than the snapshot's, torn those that cannot be read, which
// only a file system without hard links can leave.
func (s *Sink) findRecords(known *Snapshot) (all []string, found []Record, torn []string, err error) {
	files, err := s.dir.List(unitsDir)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, p := range files {
		live, ok := known.Unit(unitOf(p))
		if ok && recordPath(live.Unit, live.Key) == p {
			all = append(all, p)
			continue
		}
		data, err := s.dir.Get(p)
		if err != nil {
			return nil, nil, nil, err
		}
		r, err := decodeRecord(p, data)
		switch {
		case errors.Is(err, ErrFormat):
			return nil, nil, nil, err
		case err == nil && !ok && known.isRetired(r.Release):
			all = append(all, p)
		case err != nil:
			s.options.Log(fmt.Sprintf("commit record %s is damaged (%v): its unit will be published again", p, err))
			torn = append(torn, p)
		case !ok || r.Generation > live.Generation:
			found, all = append(found, r), append(all, p)
		default:
			all = append(all, p)
		}
	}
	return all, found, torn, nil
}

// sweep removes dead files, files of units that are not live, temporary files, and checkpoints of
// published units. Under tables/ only files with the name of a published file are touched: pubmine
// did not write the others.
func (s *Sink) sweep(dead []string) error {
	files, err := s.dir.List(tablesDir)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	folders := map[string]bool{}
	for i := range s.live.Units {
		r := &s.live.Units[i]
		folders[workPath(r.Unit, r.Key)] = true
		for _, p := range r.Files {
			live[p.Path] = true
		}
	}
	for _, p := range files {
		if live[p] {
			delete(live, p)
		} else if fileName.MatchString(p) {
			dead = append(dead, p)
		}
	}
	for i := range s.live.Units {
		for _, p := range s.live.Units[i].Files {
			if live[p.Path] {
				s.missing[s.live.Units[i].Unit] = true
				s.options.Log(fmt.Sprintf("%s is gone: its unit will be published again", p.Path))
			}
		}
	}
	work, err := workFolders(s.dir)
	if err != nil {
		return err
	}
	for folder := range work {
		if folders[folder] {
			dead = append(dead, folder)
		}
	}
	for _, p := range append(dead, store.Temp) {
		if err := s.dir.Remove(p); err != nil {
			return err
		}
	}
	return nil
}
