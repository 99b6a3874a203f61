package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// Commit publishes the unit: the steps are in the package doc. Once begun it is not interrupted.
func (p *unitWriter) Commit(ctx context.Context, chunks int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for chunk := range chunks {
		if !p.Have(chunk) {
			return fmt.Errorf("unit %s: commit without chunk %d of %d", p.unit.Name, chunk, chunks)
		}
	}
	return explain(p.sink.root, p.publish(chunks, p.merge))
}

// publish writes the unit's tables with fill, which also counts their rows in the record, and makes
// them visible to readers. A preview does without the tables.
func (p *unitWriter) publish(chunks int, fill func(*Record) (*tableFiles, error)) error {
	s := p.sink
	release, _ := releaseOf(p.unit.Name)
	record := Record{
		Unit: p.unit.Name, Release: release, Digest: p.digest, Stamp: p.unit.Stamp, Path: p.unit.Path, Chunks: chunks,
	}
	part := Part{Name: p.unit.Name, Key: p.key, Time: s.now()}
	if s.preview {
		if old, _ := s.Edition().find(p.unit.Name); old != nil && old.Key == part.Key {
			part.Files = old.Files
		}
		return s.commitPart(part, record)
	}
	tables, err := fill(&record)
	if err != nil {
		return err
	}
	defer tables.discard()
	if part.Files, err = p.publishTables(tables, &record); err != nil {
		return err
	}
	if err := s.commitPart(part, record); err != nil {
		return err
	}
	return s.dir.Remove(p.work)
}

// now is the time of a commit.
func (s *Sink) now() time.Time { return s.options.Now().UTC().Truncate(time.Millisecond) }

// merge writes the checkpoints into table files.
func (p *unitWriter) merge(record *Record) (*tableFiles, error) {
	tables, err := p.newTableFiles()
	if err != nil {
		return nil, err
	}
	if err := p.copyChunks(tables, record); err != nil {
		tables.discard()
		return nil, err
	}
	return tables, nil
}

// copyChunks copies the checkpoints into the tables, one in memory at a time.
func (p *unitWriter) copyChunks(tables *tableFiles, record *Record) error {
	last, err := p.latestVersions(record.Chunks)
	if err != nil {
		return err
	}
	for chunk := range record.Chunks {
		records, err := p.read(chunk)
		if err != nil {
			return err
		}
		last.supersede(records)
		record.add(records)
		if err := tables.write(records); err != nil {
			return err
		}
	}
	return nil
}

// publishTables completes the record and renames the files of tables with rows to their names. All
// are durable before the first rename, so that a full disk leaves nothing half-published.
func (p *unitWriter) publishTables(tables *tableFiles, record *Record) ([]File, error) {
	record.add(nil)
	if err := tables.close(record.Counts.Rows); err != nil {
		return nil, err
	}
	var files []File
	for i := range tables.tables {
		t := &tables.tables[i]
		rows := record.Counts.Rows[t.Name]
		if rows == 0 {
			continue
		}
		f := File{
			Table: t.Name, Path: filePath(t.Name, p.unit.Name, p.key), Rows: rows, Bytes: t.file.Size(),
			SHA256: t.file.Sum(),
		}
		files = append(files, f)
		if err := t.file.Publish(f.Path); err != nil {
			p.withdraw(files)
			return nil, err
		}
	}
	return files, nil
}

// withdraw removes files that were renamed before the unit could be published. Any that remain are
// removed when the corpus is next opened.
func (p *unitWriter) withdraw(files []File) {
	live := p.sink.Snapshot()
	paths := live.livePaths()
	for _, f := range files {
		if !paths[f.Path] { // else the unit is published and is being repaired
			_ = p.sink.dir.Remove(f.Path)
		}
	}
}

// commitPart adds a part with one unit to the edition. Readers see it if they see the edition.
func (s *Sink) commitPart(part Part, record Record) error {
	repaired := false
	err := s.commit(func(live *Snapshot) *commit {
		e := live.Edition(s.edition)
		c := &commit{Operation: "WRITE", Current: live.Current}
		if e == nil {
			e = s.newEdition()
			e.Created, e.Building = s.now(), live.Current > 0
			c.Edition = e
			if live.Current == 0 {
				c.Current = e.ID
			}
		} else {
			c.Edition = e.header()
		}
		old, was := e.find(record.Unit)
		record.Sequence = live.sequence(e, &record)
		part.Units = []Record{record}
		if old != nil && old.Key == part.Key && slices.Equal(old.Files, part.Files) {
			repaired = true // its files had been lost or damaged
			if was.Stamp == record.Stamp && was.Path == record.Path {
				return nil
			}
			part.Time = old.Time
		}
		if old != nil {
			c.Remove = []string{old.stem()}
		}
		c.Add = []Part{part}
		s.complete(live, c)
		return c
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.missing, record.Unit)
	s.mu.Unlock()
	if repaired && s.live.Current == s.edition && !s.preview {
		return links{s.dir}.add([]*Part{&part})
	}
	return nil
}

// complete makes the edition the current one if it has, with this commit, all units of the current
// one.
func (s *Sink) complete(live *Snapshot, c *commit) {
	seen, e := live.Seen(), c.Edition
	if !e.Building || e.Waiting {
		return
	}
	after, err := live.apply(&commit{Version: live.Version + 1, Edition: c.Edition, Add: c.Add, Remove: c.Remove})
	if err != nil || len(after.Edition(e.ID).missing(seen)) > 0 {
		return
	}
	e.Building, c.Current = false, e.ID
	s.options.Log(fmt.Sprintf("edition %d is complete: readers see it from now on; edition %d is kept: "+
		"pubmine edition use %[2]d goes back to it", e.ID, live.Current))
}

// commit adds a commit to the log: the one that change makes of the newest snapshot; nil for
// nothing to do. If another writer was faster, its snapshot is the one to change.
func (s *Sink) commit(change func(live *Snapshot) *commit) error {
	for {
		live := s.Snapshot()
		c := change(&live)
		if c == nil {
			return nil
		}
		c.Format, c.Version, c.Time = format, live.Version+1, s.now()
		next, err := live.apply(c)
		if err != nil {
			return err
		}
		if s.preview {
			s.setLive(next)
			return nil
		}
		if err := checkLog(s.dir, live.Version); err != nil {
			return err
		}
		file, data := commitPath(c.Version), encode(c)
		err = s.dir.PutIfAbsent(file, data)
		if errors.Is(err, fs.ErrExist) {
			h, err := readLog(s.dir)
			if err != nil {
				return err
			}
			if h.newest.Version <= live.Version {
				return fmt.Errorf("%s: %w", commitPath(c.Version), ErrDamaged)
			}
			if err := (deltaLogs{s.dir}).recover(&h); err != nil {
				return err
			}
			s.setLive(h.newest)
			continue
		}
		if err != nil {
			return err
		}
		s.setLive(next)
		if err := s.dir.Put(copyPath(file), data); err != nil {
			return err
		}
		return s.project(&live, &next, c)
	}
}

func (s *Sink) setLive(next Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = next
}

// project brings what follows from the log up to it: Delta logs, links, checkpoints.
func (s *Sink) project(before, after *Snapshot, c *commit) error {
	logs := deltaLogs{s.dir}
	add, remove := visibleChange(before, after, c)
	if err := logs.commit(after, c, add, remove); err != nil {
		return err
	}
	if err := (links{s.dir}).change(after, add, remove); err != nil {
		return err
	}
	if !checkpointDue(s.base, after) {
		return nil
	}
	if err := logs.checkpoint(after); err != nil {
		return err
	}
	s.base = after.Version
	return writeCheckpoint(s.dir, after)
}
