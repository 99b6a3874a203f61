package parquetio

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/schemas"
)

// ErrTable means that a file is not a Parquet file of the requested table in this version.
var ErrTable = errors.New("not a table of this version")

// Scan yields the rows of a file of row type T in order. An error ends it.
func Scan[T any](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		file, err := openTable[T](path)
		if err != nil {
			yield(zero, err)
			return
		}
		defer file.Close()
		rows := newRowReader[T](func(schema *parquet.Schema) *rowsOf { return parquet.NewReader(file.parquet, schema) })
		defer rows.Close()
		for {
			row, err := rows.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(zero, fmt.Errorf("read %s: %w", path, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Rows yields the rows of a file of the named table in order, one at a time. An error ends it.
func Rows(path, table string) iter.Seq2[schemas.Rows, error] {
	typ, ok := tables()[table]
	if !ok {
		return func(yield func(schemas.Rows, error) bool) {
			yield(schemas.Rows{}, fmt.Errorf("parquet: no table %q", table))
		}
	}
	return typ.scan(path)
}

// Find returns the rows of one pmid in a file of row type T. It reads only the pages that may hold
// them.
func Find[T any](path string, pmid int32) ([]T, error) {
	file, err := openTable[T](path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []T
	for _, group := range file.parquet.RowGroups() {
		rows, err := findInGroup[T](group, parquet.ValueOf(pmid))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		found = append(found, rows...)
	}
	return found, nil
}

func findInGroup[T any](group parquet.RowGroup, pmid parquet.Value) (found []T, err error) {
	defer recovered(&err)
	column := group.ColumnChunks()[0] // Key comes first in every row
	if filter := column.BloomFilter(); filter != nil {
		if may, err := filter.Check(pmid); err != nil || !may {
			return nil, err
		}
	}
	runs, err := runsOf(column, pmid)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	rows := newRowReader[T](func(schema *parquet.Schema) *rowsOf { return parquet.NewRowGroupReader(group, schema) })
	defer rows.Close()
	for _, r := range runs {
		if err := rows.SeekToRow(r.start); err != nil {
			return nil, err
		}
		for range r.end - r.start {
			row, err := rows.next()
			if err != nil {
				return nil, err
			}
			found = append(found, row)
		}
	}
	return found, nil
}

// run is a range of rows of a row group.
type run struct{ start, end int64 }

// runsOf returns the ranges of rows in which a flat, required column has a value.
func runsOf(column parquet.ColumnChunk, want parquet.Value) ([]run, error) {
	pages := column.Pages()
	defer pages.Close()
	var runs []run
	values := make([]parquet.Value, 256)
	for row := int64(0); ; {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return runs, nil
		}
		if err != nil {
			return nil, err
		}
		for reader := page.Values(); ; {
			n, err := reader.ReadValues(values)
			for _, v := range values[:n] {
				switch {
				case !parquet.Equal(v, want):
				case len(runs) > 0 && runs[len(runs)-1].end == row:
					runs[len(runs)-1].end++
				default:
					runs = append(runs, run{row, row + 1})
				}
				row++
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				parquet.Release(page)
				return nil, err
			}
		}
		parquet.Release(page)
	}
}

// rowsOf reads into a struct type made at run time, which the generic reader that replaces it
// cannot.
//
//lint:ignore SA1019 see above
type rowsOf = parquet.Reader

// rowReader reads rows of type T.
type rowReader[T any] struct {
	*rowsOf
	flat flat[T]
}

func newRowReader[T any](open func(*parquet.Schema) *rowsOf) *rowReader[T] {
	r := &rowReader[T]{flat: newFlat[T]()}
	r.rowsOf = open(r.flat.schema())
	return r
}

// next returns io.EOF after the last row. A damaged page may make parquet-go panic: that is an
// error here.
func (r *rowReader[T]) next() (row T, err error) {
	defer recovered(&err)
	r.flat.value.Elem().SetZero()
	if err := r.Read(r.flat.value.Interface()); err != nil {
		return row, err
	}
	r.flat.to(&row)
	return row, nil
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("damaged: %v", p)
	}
}

// file is an open Parquet file.
type file struct {
	*os.File
	parquet *parquet.File
}

// openTable opens a file whose columns are exactly those of T: parquet-go would fill the others
// with zeros.
func openTable[T any](path string) (*file, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if !parquet.EqualNodes(f.parquet.Schema(), parquet.SchemaOf(new(T))) {
		f.Close()
		return nil, fmt.Errorf("%s: its columns are not those of %T: %w", path, *new(T), ErrTable)
	}
	return f, nil
}

func openFile(path string, options ...parquet.FileOption) (f *file, err error) {
	osFile, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			osFile.Close()
			err = fmt.Errorf("open %s: %w: %w", path, ErrTable, err)
		}
	}()
	defer recovered(&err)
	info, err := osFile.Stat()
	if err != nil {
		return nil, err
	}
	p, err := parquet.OpenFile(osFile, info.Size(), options...)
	if err != nil {
		return nil, err
	}
	return &file{File: osFile, parquet: p}, nil
}
