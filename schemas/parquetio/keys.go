package parquetio

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/schemas"
)

// Keys are the columns of a file of documents that tell its records from others.
type Keys struct {
	PMID, Version []int32
	Deleted       []bool
}

// keyColumns are the columns of Keys.
type keyColumns struct {
	schemas.Key
	IsDeleted bool `parquet:"is_deleted"`
}

// ReadKeys reads the keys of all rows of a file of documents.
func ReadKeys(path string) (k Keys, err error) {
	c, err := OpenColumns[keyColumns](path)
	if err != nil {
		return k, err
	}
	defer c.Close()
	for _, group := range c.file.parquet.RowGroups() {
		if err := k.readGroup(group, c.columns); err != nil {
			return k, fmt.Errorf("read %s: %w", path, err)
		}
	}
	if n := len(k.PMID); len(k.Version) != n || len(k.Deleted) != n {
		return k, fmt.Errorf("read %s: damaged: columns of different lengths", path)
	}
	return k, nil
}

func (k *Keys) readGroup(group parquet.RowGroup, columns []column) (err error) {
	defer recovered(&err)
	chunk := func(i int) parquet.ColumnChunk { return group.ColumnChunks()[columns[i].inFile] }
	ints := func(into *[]int32) func(parquet.Page) {
		return func(p parquet.Page) {
			data := p.Data()
			*into = append(*into, data.Int32()...)
		}
	}
	if err := eachPage(chunk(0), ints(&k.PMID)); err != nil {
		return err
	}
	if err := eachPage(chunk(1), ints(&k.Version)); err != nil {
		return err
	}
	return eachPage(chunk(3), func(p parquet.Page) {
		data := p.Data()
		bits := data.Boolean()
		for i := range int(p.NumValues()) {
			k.Deleted = append(k.Deleted, bits[i/8]>>(i%8)&1 == 1)
		}
	})
}

// eachPage calls use for the pages of a flat column in order.
func eachPage(chunk parquet.ColumnChunk, use func(parquet.Page)) error {
	pages := chunk.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		use(page)
		parquet.Release(page)
	}
}
