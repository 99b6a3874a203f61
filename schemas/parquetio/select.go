package parquetio

import (
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// Columns is an open file whose rows are read as Ts: structs with some of the columns of a table,
// pmid first, and without pointers in embedded structs. It keeps the last page of each column for
// the next selection. It is used from one goroutine at a time.
type Columns[T any] struct {
	file    *file
	schema  *parquet.Schema // of T
	columns []column        // the leaf columns of T
}

// OpenColumns opens a file that has the columns of T, and maybe others. Some columns, not lists,
// may be left out: the file need not have them, they are not read, and their fields are zero.
func OpenColumns[T any](path string, without ...string) (*Columns[T], error) {
	f, err := openFile(path, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	c := &Columns[T]{file: f, schema: parquet.SchemaOf(new(T))}
	have := map[string]parquet.Node{}
	for _, field := range f.parquet.Schema().Fields() {
		have[field.Name()] = field
	}
	for _, field := range c.schema.Fields() {
		node, ok := have[field.Name()]
		if slices.Contains(without, field.Name()) {
			continue
		}
		if !ok || !parquet.EqualNodes(node, field) {
			f.Close()
			return nil, fmt.Errorf("%s: its column %s is not that of %T: %w", path, field.Name(), *new(T), ErrTable)
		}
	}
	for i, path := range c.schema.Columns() {
		if slices.Contains(without, path[0]) {
			leaf, _ := c.schema.Lookup(path...)
			c.columns = append(c.columns, column{
				index: i, omitted: true, zero: parquet.ZeroValue(leaf.Node.Type().Kind()).Level(0, 0, i),
			})
			continue
		}
		leaf := f.parquet.Root() // Schema.Lookup would index all columns first
		for _, name := range path {
			leaf = leaf.Column(name)
		}
		c.columns = append(c.columns, column{index: i, inFile: leaf.Index()})
	}
	return c, nil
}

// Release frees the pages that are kept.
func (c *Columns[T]) Release() {
	for i := range c.columns {
		c.columns[i].close()
	}
}

// Close closes the file.
func (c *Columns[T]) Close() error {
	c.Release()
	return c.file.Close()
}

// PMIDs returns the column pmid.
func (c *Columns[T]) PMIDs() ([]int32, error) {
	var all []int32
	for _, group := range c.file.parquet.RowGroups() {
		values, err := pmidsOf(group)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", c.file.Name(), err)
		}
		all = append(all, values...)
	}
	return all, nil
}

// Select returns the rows of some pmids, which are sorted, in the order of the file. It skips the
// row groups that cannot hold them.
func (c *Columns[T]) Select(pmids []int32) ([]T, error) {
	var found []T
	for _, group := range c.file.parquet.RowGroups() {
		rows, err := c.selectInGroup(group, pmids)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", c.file.Name(), err)
		}
		found = append(found, rows...)
	}
	return found, nil
}

// selectInGroup decodes the pages that hold the rows, each once, column by column.
func (c *Columns[T]) selectInGroup(group parquet.RowGroup, pmids []int32) (found []T, err error) {
	defer recovered(&err)
	if !mayHold(group, pmids) {
		return nil, nil
	}
	values, err := pmidsOf(group)
	if err != nil {
		return nil, err
	}
	var runs []run
	for i, v := range values {
		last := len(runs) - 1
		adjacent := last >= 0 && runs[last].end == int64(i)
		if !adjacent || v != values[i-1] {
			if _, ok := slices.BinarySearch(pmids, v); !ok {
				continue
			}
		}
		if adjacent {
			runs[last].end++
		} else {
			runs = append(runs, run{int64(i), int64(i) + 1})
		}
	}
	if len(runs) == 0 {
		return nil, nil
	}
	columns := make([][]parquet.Value, len(c.columns))
	for i := range c.columns {
		if columns[i], err = c.columns[i].values(group, runs); err != nil {
			return nil, err
		}
	}
	return c.rows(columns)
}

// rows assembles rows from the values of their columns.
func (c *Columns[T]) rows(columns [][]parquet.Value) (rows []T, err error) {
	var row parquet.Row
	for len(columns[0]) > 0 {
		row = row[:0]
		for i, values := range columns {
			if c.columns[i].omitted {
				row = append(row, c.columns[i].zero)
				continue
			}
			n := 1
			for n < len(values) && values[n].RepetitionLevel() > 0 {
				n++
			}
			row, columns[i] = append(row, values[:n]...), values[n:]
		}
		var x T
		if err := c.schema.Reconstruct(&x, row); err != nil {
			return nil, err
		}
		rows = append(rows, x)
	}
	return rows, nil
}

// mayHold reports whether by its statistics a row group may have one of the pmids.
func mayHold(group parquet.RowGroup, pmids []int32) bool {
	column, ok := group.ColumnChunks()[0].(*parquet.FileColumnChunk)
	if !ok {
		return true
	}
	low, high, ok := column.Bounds()
	if !ok {
		return true
	}
	first, _ := slices.BinarySearch(pmids, low.Int32())
	return first < len(pmids) && pmids[first] <= high.Int32()
}

// pmidsOf returns the first column of a row group.
func pmidsOf(group parquet.RowGroup) (values []int32, err error) {
	defer recovered(&err)
	err = eachPage(group.ColumnChunks()[0], func(p parquet.Page) {
		data := p.Data()
		values = append(values, data.Int32()...)
	})
	return values, err
}
