package corpus

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// directWriter writes a unit straight into its tables (Options.Direct): a pipeline.UnitWriter.
// Chunks come in order, each once.
//
// Whether a record is revised later in the unit is known only at the end. Most units revise none;
// for the others the tables are written a second time without the rows of superseded records.
type directWriter struct {
	*unitWriter
	tables     *tableFiles // nil before the first chunk
	counts     Record      // of all rows written
	chunks     int
	records    int
	rows       []int64                 // written so far, by table
	starts     [][]int64               // the row at which each record begins, by table
	latest     map[documentKey]version // latest version of each document
	superseded []version               // versions that a later one replaced
}

func newDirectWriter(p *unitWriter) *directWriter {
	return &directWriter{
		unitWriter: p, starts: make([][]int64, len(schemas.Tables())), rows: make([]int64, len(schemas.Tables())),
		latest: map[documentKey]version{},
	}
}

// Have returns false: there are no checkpoints.
func (d *directWriter) Have(int) bool { return false }

// Write appends a chunk to the tables. It is lost unless Commit follows.
func (d *directWriter) Write(ctx context.Context, chunk int, records []schemas.Rows) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if chunk != d.chunks {
		return fmt.Errorf("unit %s: chunk %d after chunk %d", d.unit.Name, chunk, d.chunks-1)
	}
	d.chunks++
	if d.records += len(records); d.tables == nil && d.packable() && d.records < d.sink.options.Pack {
		d.hold(chunk, records)
		return nil
	}
	if d.tables == nil {
		if err := d.begin(chunk); err != nil {
			return explain(d.sink.root, err)
		}
	}
	return explain(d.sink.root, d.write(records))
}

// begin creates the tables, and writes the first chunks to them, which are only in memory.
func (d *directWriter) begin(chunks int) error {
	if err := d.create(); err != nil {
		return err
	}
	for chunk := range chunks {
		if err := d.write(d.held[chunk]); err != nil {
			return err
		}
		delete(d.held, chunk)
	}
	return nil
}

func (d *directWriter) write(records []schemas.Rows) error {
	d.track(records)
	d.counts.add(records)
	return d.tables.write(records)
}

// track records the row at which each record begins, and the document that it describes.
func (d *directWriter) track(records []schemas.Rows) {
	first := len(d.starts[0])
	for i, t := range d.tables.tables {
		for j := range records {
			d.starts[i] = append(d.starts[i], d.rows[i])
			d.rows[i] += int64(t.Len(&records[j]))
		}
	}
	for _, said := range versionsOf(records) {
		said.record += first
		if old, ok := d.latest[said.documentKey]; ok {
			d.superseded = append(d.superseded, old)
		}
		d.latest[said.documentKey] = said
	}
}

// create creates the table files. Units are written one after the other, so uncommitted files of
// the unit before belong to an input that could not be read.
func (d *directWriter) create() (err error) {
	d.sink.discardUncommitted()
	if d.tables, err = d.newTableFiles(); err != nil {
		return err
	}
	d.sink.mu.Lock()
	defer d.sink.mu.Unlock()
	d.sink.uncommitted = d.tables
	return nil
}

// discardUncommitted discards table files that were written directly and not committed.
func (s *Sink) discardUncommitted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uncommitted != nil {
		s.uncommitted.discard()
		s.uncommitted = nil
	}
}

// Commit publishes the unit: the steps are in the package doc. Once begun it is not interrupted.
func (d *directWriter) Commit(ctx context.Context, chunks int) error {
	defer d.sink.discardUncommitted()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if chunks != d.chunks {
		return fmt.Errorf("unit %s: commit of %d chunks, %d were written", d.unit.Name, chunks, d.chunks)
	}
	if d.tables == nil && (d.packable() || d.damagedPack() != nil) {
		return explain(d.sink.root, d.sink.setAside(d.unitWriter, chunks))
	}
	return explain(d.sink.root, d.publish(chunks, d.finish))
}

// finish returns the tables that were written or, if records were superseded, copies without their
// rows.
func (d *directWriter) finish(record *Record) (tables *tableFiles, err error) {
	if d.tables == nil { // the unit has no records
		if err := d.create(); err != nil {
			return nil, err
		}
	}
	if len(d.superseded) == 0 {
		d.counts.add(nil)
		record.Counts, record.FirstPMID, record.LastPMID = d.counts.Counts, d.counts.FirstPMID, d.counts.LastPMID
		return d.tables, nil
	}
	if err := d.tables.close(); err != nil {
		return nil, err
	}
	return d.fillTables(func(tables *tableFiles) error { return d.dropStale(tables, record) })
}

// dropStale copies the rows of all records except superseded ones, each of which becomes one row of
// table superseded.
func (d *directWriter) dropStale(tables *tableFiles, record *Record) error {
	slices.SortFunc(d.superseded, func(a, b version) int { return cmp.Compare(a.record, b.record) })
	put := func(rows schemas.Rows) error {
		record.add([]schemas.Rows{rows})
		return tables.write([]schemas.Rows{rows})
	}
	for i, from := range d.tables.tables {
		if d.rows[i] == 0 {
			continue
		}
		n, stale := int64(0), d.superseded
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
	for _, old := range d.superseded {
		key := schemas.Key{PMID: old.pmid, Version: old.version, Unit: d.unit.Name}
		if err := put(superseded(key, d.latest[old.documentKey].deleted)); err != nil {
			return err
		}
	}
	return nil
}

// end returns the row of a table before which a record ends.
func (d *directWriter) end(table int, w version) int64 {
	if starts := d.starts[table]; w.record+1 < len(starts) {
		return starts[w.record+1]
	}
	return d.rows[table]
}
