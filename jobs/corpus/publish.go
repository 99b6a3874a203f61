package corpus

import (
	"context"
	"fmt"
	"iter"

	"github.com/pubmine/pubmine/schemas"
)

// Commit publishes the unit, or sets it aside for a pack: the steps are in the package doc. Once
// begun it is not interrupted.
func (p *unitWriter) Commit(ctx context.Context, chunks int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for chunk := range chunks {
		if !p.Have(chunk) {
			return fmt.Errorf("unit %s: commit without chunk %d of %d", p.unit.Name, chunk, chunks)
		}
	}
	small, err := p.small(chunks)
	if err == nil && small {
		err = p.sink.setAside(p, chunks)
	} else if err == nil {
		err = p.publish(chunks, p.merge)
	}
	return explain(p.sink.root, err)
}

// record returns the record of the unit, before its rows are counted.
func (p *unitWriter) record(chunks int) Record {
	release, _ := releaseOf(p.unit.Name)
	return Record{
		Unit: p.unit.Name, Release: release, Digest: p.digest, Stamp: p.unit.Stamp, Path: p.unit.Path, Chunks: chunks,
	}
}

// publish writes the unit's tables with fill, which also counts their rows in the record, and makes
// them visible to readers.
func (p *unitWriter) publish(chunks int, fill func(*Record) (*tableFiles, error)) error {
	record := p.record(chunks)
	tables, err := fill(&record)
	if err != nil {
		return err
	}
	defer tables.discard()
	if err := p.sink.publishPart(newPart(p.sink.fingerprint, record), tables); err != nil {
		return err
	}
	return p.forget()
}

// merge copies the checkpoints into table files, one in memory at a time.
func (p *unitWriter) merge(record *Record) (*tableFiles, error) {
	return p.fillTables(func(tables *tableFiles) error {
		for records, err := range p.rows(record) {
			if err != nil {
				return err
			}
			if err := tables.write(records); err != nil {
				return err
			}
		}
		return nil
	})
}

// rows yields the rows of the unit chunk by chunk, without those of superseded records, and counts
// them in the record.
func (p *unitWriter) rows(record *Record) iter.Seq2[[]schemas.Rows, error] {
	return func(yield func([]schemas.Rows, error) bool) {
		last, err := p.latestVersions(record.Chunks)
		if err != nil {
			yield(nil, err)
			return
		}
		for chunk := range record.Chunks {
			records, err := p.read(chunk)
			if err == nil {
				last.supersede(records)
				record.add(records)
			}
			if !yield(records, err) || err != nil {
				return
			}
		}
		record.add(nil)
	}
}
