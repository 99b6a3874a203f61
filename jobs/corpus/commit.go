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
	return explain(p.sink.root, p.publish(chunks, p.merge))
}

// publish writes the unit's tables with fill, which also counts their rows in the record, and makes
// them visible to readers.
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
		Format: format, Unit: p.unit.Name, Release: release, Sequence: sequence, Key: p.key,
		Fingerprint: p.sink.fingerprint, Digest: p.digest,
		Stamp: p.unit.Stamp, Generation: generation, Model: p.sink.configuration.Model, Chunks: chunks,
		Configuration: &p.sink.configuration,
	}
}

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

// publishTables completes the record and renames the files to their names. All are durable before
// the first rename, so that a full disk leaves nothing half-published.
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
			p.withdraw(record.Files[:i+1])
			return err
		}
	}
	return nil
}

// withdraw removes files that were renamed before the unit could be published. Any that remain are
// removed when the corpus is next opened.
func (p *unitWriter) withdraw(parts []File) {
	if live, ok := p.sink.liveUnit(p.unit.Name); ok && live.Key == p.key {
		return // the unit is published and is being repaired
	}
	for _, part := range parts {
		_ = p.sink.dir.Remove(part.Path)
	}
}

// putRecord is the commit point. An existing record under the same key is of the same work, and is
// kept if it describes the same files.
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
	existing, err := decodeRecord(path, data)
	if err != nil {
		return err
	}
	if existing.Key != p.key {
		return fmt.Errorf("%s: two keys with the same beginning", path)
	}
	if !slices.Equal(existing.Files, record.Files) { // its files were lost and have been written again
		return p.sink.dir.Put(path, record.encode())
	}
	*record = existing
	return nil
}

// removeUnit removes the files of a replaced record, and then the record.
func (s *Sink) removeUnit(r *Record) error {
	for _, p := range r.Files {
		if err := s.dir.Remove(p.Path); err != nil {
			return err
		}
	}
	return s.dir.Remove(recordPath(r.Unit, r.Key))
}
