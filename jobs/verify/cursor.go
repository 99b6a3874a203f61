package verify

import (
	"iter"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// cursor reads the rows of one table of a part, in order.
type cursor[T any] struct {
	table string
	key   func(*T) schemas.Key
	check *rowCheck

	next func() (T, error, bool)
	stop func()
	row  T
	more bool  // row is valid
	rows int64 // read so far
}

// open opens the table of a part; a part without rows of it has no file.
func open[T any](c *rowCheck, table string, key func(*T) schemas.Key) *cursor[T] {
	r := &cursor[T]{table: table, key: key, check: c, stop: func() {}}
	f := c.part.File(table)
	if f == nil {
		return r
	}
	r.next, r.stop = iter.Pull2(parquetio.Scan[T](c.corpus.Path(*f)))
	r.advance()
	return r
}

// advance reads the next row. An error is reported and ends the table.
func (r *cursor[T]) advance() {
	row, err, ok := r.next()
	if err != nil {
		r.check.report(r.table, "it cannot be read: %v", err)
	}
	r.row, r.more = row, ok && err == nil
	if r.more {
		r.rows++
	}
}

// take returns the rows of the document at a position in table documents. It reports rows of no
// document, and those that come later than their document, and drops them.
func (r *cursor[T]) take(at int) (rows []T) {
	for r.more {
		key := r.key(&r.row)
		position, ok := r.check.position(key)
		switch {
		case !ok:
			r.check.reportRow(r.table, key, "there is no such document")
		case position < at:
			r.check.reportRow(r.table, key, "the row is not in the order of the documents, or the document is there twice")
		case position == at:
			rows = append(rows, r.row)
		default:
			return rows
		}
		r.advance()
	}
	return rows
}

// end reads the rest of the table, and compares the number of rows with the log.
func (r *cursor[T]) end() {
	r.take(len(r.check.order))
	r.stop()
	want := int64(0)
	if f := r.check.part.File(r.table); f != nil {
		want = f.Rows
	}
	if r.rows != want {
		r.check.report(r.table, "it has %d rows, and the log has %d", r.rows, want)
	}
}
