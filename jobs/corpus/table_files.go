package corpus

import (
	"bufio"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// tableFiles are the tables of a unit while they are written: temporary files.
type tableFiles struct{ tables []table }

// table is one of them.
type table struct {
	schemas.Table
	file   *store.File
	buffer *bufio.Writer
	rows   *parquetio.Writer
}

// newTableFiles creates a file of a part for every table.
func (s *Sink) newTableFiles(part, input string) (*tableFiles, error) {
	d := &tableFiles{}
	for _, t := range schemas.Tables() {
		f, err := s.dir.Create()
		if err != nil {
			d.discard()
			return nil, err
		}
		buffer := bufio.NewWriterSize(f, 1<<16)
		d.tables = append(d.tables, table{Table: t, file: f, buffer: buffer})
		if d.tables[len(d.tables)-1].rows, err = parquetio.NewWriter(buffer, t, s.metadata(part, input)); err != nil {
			d.discard()
			return nil, err
		}
	}
	return d, nil
}

// metadata returns the key-value metadata of the Parquet files.
func (s *Sink) metadata(part, input string) map[string]string {
	return map[string]string{
		"pubmine.unit": part, "pubmine.input": input, "pubmine.fingerprint": s.fingerprint,
		"pubmine.configuration": s.configuration.json(),
		"pubmine.model":         s.configuration.Model,
	}
}

// newTableFiles creates the files of the unit's part.
func (p *unitWriter) newTableFiles() (*tableFiles, error) {
	return p.sink.newTableFiles(p.unit.Name, p.digest)
}

// fillTables creates the files of the unit's part and fills them.
func (p *unitWriter) fillTables(fill func(*tableFiles) error) (*tableFiles, error) {
	return p.sink.fillTables(p.unit.Name, p.digest, fill)
}

// fillTables creates the files of a part and fills them. They are discarded if that fails.
func (s *Sink) fillTables(part, input string, fill func(*tableFiles) error) (*tableFiles, error) {
	tables, err := s.newTableFiles(part, input)
	if err != nil {
		return nil, err
	}
	if err := fill(tables); err != nil {
		tables.discard()
		return nil, err
	}
	return tables, nil
}

// write appends the rows of records to their tables.
func (d *tableFiles) write(records []schemas.Rows) error {
	for i := range d.tables {
		if err := d.tables[i].rows.Write(records); err != nil {
			return err
		}
	}
	return nil
}

// close ends the files, and makes those with rows durable.
func (d *tableFiles) close() error {
	for i := range d.tables {
		t := &d.tables[i]
		if err := t.rows.Close(); err != nil {
			return err
		}
		if err := t.buffer.Flush(); err != nil {
			return err
		}
	}
	for i := range d.tables {
		if d.tables[i].rows.Rows() == 0 {
			continue
		}
		if err := d.tables[i].file.Seal(); err != nil {
			return err
		}
	}
	return nil
}

// discard removes the files that are not published.
func (d *tableFiles) discard() {
	for i := range d.tables {
		d.tables[i].file.Discard()
	}
}
