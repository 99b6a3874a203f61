package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
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
	return explain(p.sink.root, p.publish(chunks, p.fill))
}

// publish makes the unit's tables with fill, which gives the tables that it has written and counts
// their rows in the record, and makes them the unit that readers see.
func (p *unitWriter) publish(chunks int, fill func(*Record) (*tableFiles, error)) error {
	s := p.sink
	old, replaces := s.liveUnit(p.unit.Name)
	live := s.Snapshot()
	record := p.record(chunks, old.Generation+1, live.sequence(p.unit.Name, p.digest))
	tables, err := fill(&record)
	if err != nil {
		return err
	}
	defer tables.discard()
	if err := p.publishTables(tables, &record); err != nil {
		return err
	}
	if err := p.putRecord(&record); err != nil {
		return err
	}
	if live, err = publish(s.dir, live, record); err != nil {
		return err
	}
	s.mu.Lock()
	s.live = live
	delete(s.missing, p.unit.Name)
	s.mu.Unlock()
	if replaces && old.Key != p.key {
		if err := s.removeUnit(&old); err != nil {
			return err
		}
	}
	return s.dir.Remove(p.work)
}

func (p *unitWriter) record(chunks, generation int, sequence int64) Record {
	release, _ := releaseOf(p.unit.Name)
	return Record{
		Format: format, Unit: p.unit.Name, Release: release, Sequence: sequence, Key: p.key, Fingerprint: p.sink.fingerprint, Digest: p.digest,
		Stamp: p.unit.Stamp, Generation: generation, Model: p.sink.configuration.Model, Chunks: chunks, Configuration: &p.sink.configuration,
	}
}

// fill makes the tables of the checkpoints.
func (p *unitWriter) fill(record *Record) (*tableFiles, error) {
	tables, err := p.draft()
	if err != nil {
		return nil, err
	}
	if err := p.stream(tables, record); err != nil {
		tables.discard()
		return nil, err
	}
	return tables, nil
}

// stream copies the checkpoints, one in memory at a time, into the tables.
func (p *unitWriter) stream(tables *tableFiles, record *Record) error {
	last, err := p.revisions(record.Chunks)
	if err != nil {
		return err
	}
	for chunk := range record.Chunks {
		records, err := p.read(chunk)
		if err != nil {
			return err
		}
		last.settle(records)
		record.add(records)
		if err := tables.write(records); err != nil {
			return err
		}
	}
	return nil
}

// publishTables completes the record with what was written, and when nothing more can go wrong than
// a rename, gives the files their names.
func (p *unitWriter) publishTables(tables *tableFiles, record *Record) error {
	if err := tables.close(); err != nil {
		return err
	}
	record.add(nil)
	for i := range tables.tables {
		t := &tables.tables[i]
		record.Files = append(record.Files, File{
			Table: t.Name, Path: filePath(t.Name, record.Release, p.unit.Name, p.key),
			Rows: record.Counts.Rows[t.Name], Bytes: t.file.Size(), SHA256: t.file.Sum(),
		})
	}
	for i := range tables.tables {
		if err := tables.tables[i].file.Publish(record.Files[i].Path); err != nil {
			p.retract(record.Files[:i+1])
			return err
		}
	}
	return nil
}

// retract removes files that got their names before the unit could be published. What stays is
// removed when the corpus is next opened.
func (p *unitWriter) retract(parts []File) {
	if live, ok := p.sink.liveUnit(p.unit.Name); ok && live.Key == p.key {
		return // the unit is published, and only being repaired
	}
	for _, part := range parts {
		_ = p.sink.dir.Remove(part.Path)
	}
}

// putRecord is the commit point. A record that stands there already is of the same work, and as
// good if it describes the same files.
func (p *unitWriter) putRecord(record *Record) error {
	path := recordPath(p.unit.Name, p.key)
	err := p.sink.dir.PutIfAbsent(path, record.encode())
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	data, err := p.sink.dir.Get(path)
	if err != nil {
		return err
	}
	stands, err := decodeRecord(path, data)
	if err != nil {
		return err
	}
	if stands.Key != p.key {
		return fmt.Errorf("%s: two keys with the same beginning", path)
	}
	if !slices.Equal(stands.Files, record.Files) { // its files were lost, and these are what stands there now
		return p.sink.dir.Put(path, record.encode())
	}
	*record = stands
	return nil
}

// removeUnit removes what a replaced record published, and then the record.
func (s *Sink) removeUnit(r *Record) error {
	for _, p := range r.Files {
		if err := s.dir.Remove(p.Path); err != nil {
			return err
		}
	}
	return s.dir.Remove(recordPath(r.Unit, r.Key))
}
