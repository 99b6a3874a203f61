package corpus

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// direct is a unit that is written straight into its tables (Options.Direct): a pipeline.Part.
// Chunks come in order, each once.
//
// Which records of a unit are revised within it is known at its end only. Most units have none; for
// those that do, the tables are written a second time without the rows of revised records.
type directWriter struct {
	*unitWriter
	tables *tableFiles // nil before the first chunk
	counts Record      // of all that was written
	chunks int
	rows   []int64                 // written so far, by table
	starts [][]int64               // the row at which each record begins, by table
	last   map[documentKey]version // what was said last of each document
	stale  []version               // what was said before that
}

func newDirectWriter(p *unitWriter) *directWriter {
	return &directWriter{
		unitWriter: p, starts: make([][]int64, len(schemas.Tables())), rows: make([]int64, len(schemas.Tables())),
		last: map[documentKey]version{},
	}
}

// Have reports that nothing is kept.
func (d *directWriter) Have(int) bool { return false }

// Write appends a chunk to the tables. What is written is lost unless Commit follows.
func (d *directWriter) Write(ctx context.Context, chunk int, records []schemas.Rows) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if chunk != d.chunks {
		return fmt.Errorf("unit %s: chunk %d after chunk %d", d.unit.Name, chunk, d.chunks-1)
	}
	if err := d.write(records); err != nil {
		return explain(d.sink.root, err)
	}
	d.chunks++
	return nil
}

func (d *directWriter) write(records []schemas.Rows) error {
	if d.tables == nil {
		if err := d.begin(); err != nil {
			return err
		}
	}
	d.note(records)
	d.counts.add(records)
	return d.tables.write(records)
}

// note remembers where the records stand and what they speak of.
func (d *directWriter) note(records []schemas.Rows) {
	first := len(d.starts[0])
	for i, t := range d.tables.tables {
		for j := range records {
			d.starts[i] = append(d.starts[i], d.rows[i])
			d.rows[i] += int64(t.Len(&records[j]))
		}
	}
	for _, said := range versionsOf(records) {
		said.record += first
		if old, ok := d.last[said.documentKey]; ok {
			d.stale = append(d.stale, old)
		}
		d.last[said.documentKey] = said
	}
}

// begin makes the files of the tables. Units are written one after the other, so the files that the
// one before has not committed belong to an input that turned out to be broken.
func (d *directWriter) begin() (err error) {
	d.sink.discardWriting()
	if d.tables, err = d.draft(); err != nil {
		return err
	}
	d.sink.mu.Lock()
	defer d.sink.mu.Unlock()
	d.sink.writing = d.tables
	return nil
}

// giveUp discards what is written directly and was not committed.
func (s *Sink) discardWriting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing != nil {
		s.writing.discard()
		s.writing = nil
	}
}

// Commit publishes the unit: the steps are in the package doc. Once begun it is not interrupted.
func (d *directWriter) Commit(ctx context.Context, chunks int) error {
	defer d.sink.discardWriting()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if chunks != d.chunks {
		return fmt.Errorf("unit %s: commit of %d chunks, %d were written", d.unit.Name, chunks, d.chunks)
	}
	return explain(d.sink.root, d.publish(chunks, d.fill))
}

// fill gives the tables that were written, or if records were revised, tables without those.
func (d *directWriter) fill(record *Record) (tables *tableFiles, err error) {
	if d.tables == nil { // the unit has no records
		if err := d.begin(); err != nil {
			return nil, err
		}
	}
	if len(d.stale) == 0 {
		record.Counts, record.FirstPMID, record.LastPMID = d.counts.Counts, d.counts.FirstPMID, d.counts.LastPMID
		return d.tables, nil
	}
	if err := d.tables.close(); err != nil {
		return nil, err
	}
	if tables, err = d.draft(); err != nil {
		return nil, err
	}
	if err := d.settle(tables, record); err != nil {
		tables.discard()
		return nil, err
	}
	return tables, nil
}

// settle copies into tables the rows of all records but the revised ones, each of which becomes one
// row that says so.
func (d *directWriter) settle(tables *tableFiles, record *Record) error {
	slices.SortFunc(d.stale, func(a, b version) int { return cmp.Compare(a.record, b.record) })
	put := func(rows schemas.Rows) error {
		record.add([]schemas.Rows{rows})
		return tables.write([]schemas.Rows{rows})
	}
	for i, from := range d.tables.tables {
		n, stale := int64(0), d.stale
		for rows, err := range parquetio.Rows(from.file.Path(), from.Name) {
			if err != nil {
				return err
			}
			for len(stale) > 0 && d.end(i, stale[0]) <= n {
				stale = stale[1:]
			}
			keep := len(stale) == 0 || n < d.starts[i][stale[0].record]
			if n++; !keep {
				continue
			}
			if err := put(rows); err != nil {
				return err
			}
		}
	}
	for _, old := range d.stale {
		key := schemas.Key{PMID: old.pmid, Version: old.version, Unit: d.unit.Name}
		if err := put(superseded(key, d.last[old.documentKey].deleted)); err != nil {
			return err
		}
	}
	return nil
}

// end is the row of a table before which a record ends.
func (d *directWriter) end(table int, w version) int64 {
	if starts := d.starts[table]; w.record+1 < len(starts) {
		return starts[w.record+1]
	}
	return d.rows[table]
}
