package parquetio

import (
	"io"

	"github.com/parquet-go/parquet-go"
)

// column reads a leaf column, page by page.
type column struct {
	index, inFile int           // of the leaf in the row type and in the file
	omitted       bool          // zero takes the place of its values
	zero          parquet.Value // of one row

	group      parquet.RowGroup // of pages; nil if there are none
	pages      parquet.Pages
	page       parquet.Page // the last one; nil if there is none
	start, end int64        // its rows
}

// values returns the values in some rows, which are sorted.
func (c *column) values(group parquet.RowGroup, runs []run) (values []parquet.Value, err error) {
	if c.omitted {
		return nil, nil
	}
	if c.group != group {
		c.close()
		c.group, c.pages = group, group.ColumnChunks()[c.inFile].Pages()
	}
	buffer := make([]parquet.Value, 256)
	for _, r := range runs {
		for r.start < r.end {
			if err := c.seek(r.start); err != nil {
				return nil, err
			}
			end := min(r.end, c.end)
			for in := c.page.Slice(r.start-c.start, end-c.start).Values(); ; {
				n, err := in.ReadValues(buffer)
				for _, v := range buffer[:n] { // which are lost with the page
					values = append(values, v.Clone().Level(v.RepetitionLevel(), v.DefinitionLevel(), c.index))
				}
				if err == io.EOF {
					break
				}
				if err != nil {
					return nil, err
				}
			}
			r.start = end
		}
	}
	return values, nil
}

// seek reads the page with a row, unless it was the last one.
func (c *column) seek(row int64) (err error) {
	if c.page != nil && c.start <= row && row < c.end {
		return nil
	}
	c.release()
	if err := c.pages.SeekToRow(row); err != nil {
		return err
	}
	if c.page, err = c.pages.ReadPage(); err != nil {
		c.page = nil
		return noEOF(err)
	}
	c.start, c.end = row, row+c.page.NumRows()
	if c.start == c.end {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (c *column) release() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
}

func (c *column) close() {
	c.release()
	if c.pages != nil {
		_ = c.pages.Close() // it was only read
		c.group, c.pages = nil, nil
	}
}

func noEOF(err error) error {
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
