package parquetio

import (
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/pubmine/pubmine/schemas"
)

// Keys of the metadata that every file has.
const (
	KeyTable  = "pubmine.table"
	KeySchema = "pubmine.schema"
)

// filterBits is the number of bits per value of the bloom filter: 10 give 1% of false positives.
const filterBits = 10

// Writer writes one table.
type Writer struct {
	name  string
	table tableWriter
	rows  int64
}

// tableWriter is a Writer of known row type.
type tableWriter interface {
	// write and merge also return the number of rows.
	write(rows []schemas.Rows) (int, error)
	merge(paths []string, keep func(unit string) bool) (int, error)
	Close() error
}

// NewWriter begins a file of table t. Close completes the file.
func NewWriter(w io.Writer, t schemas.Table, metadata map[string]string) (*Writer, error) {
	typ, ok := tables()[t.Name]
	if !ok {
		return nil, fmt.Errorf("parquet: no table %q", t.Name)
	}
	options := []parquet.WriterOption{
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("pubmine", strconv.Itoa(schemas.Version), "parquet-go"),
		parquet.PageBufferSize(1 << 20),
		parquet.DictionaryMaxBytes(1 << 20),
		parquet.BloomFilters(parquet.SplitBlockFilter(filterBits, "pmid")),
	}
	for k, v := range metadata {
		options = append(options, parquet.KeyValueMetadata(k, v))
	}
	options = append(
		options, parquet.KeyValueMetadata(KeyTable, t.Name),
		parquet.KeyValueMetadata(KeySchema, strconv.Itoa(schemas.Version)),
	)
	return &Writer{name: t.Name, table: typ.create(w, groupRows(t.Name), options)}, nil
}

// groupRows returns the maximum number of rows of a row group, which the writer keeps in memory: a
// row of documents has 20 kB, most of it references, one of vectors up to 4 kB, a row of other
// tables some hundred bytes.
func groupRows(table string) int {
	if table == "documents" || table == "vectors" {
		return 4 << 10
	}
	return 64 << 10
}

// Write appends the table's rows of a chunk, record by record.
func (w *Writer) Write(rows []schemas.Rows) error {
	n, err := w.table.write(rows)
	return w.wrote(n, err)
}

func (w *Writer) wrote(n int, err error) error {
	w.rows += int64(n)
	if err != nil {
		return fmt.Errorf("write table %s: %w", w.name, err)
	}
	return nil
}

// Rows returns the number of rows written.
func (w *Writer) Rows() int64 { return w.rows }

// Close completes the file. It does not close the underlying writer.
func (w *Writer) Close() error {
	if err := w.table.Close(); err != nil {
		return fmt.Errorf("write table %s: %w", w.name, err)
	}
	return nil
}

// rowType has the operations on files of one row type.
type rowType struct {
	create func(w io.Writer, groupRows int, options []parquet.WriterOption) tableWriter
	scan   func(path string) iter.Seq2[schemas.Rows, error]
}

// tables returns the row type of each table of schemas.Tables. Generic code needs them spelled out.
func tables() map[string]rowType {
	return map[string]rowType{
		"documents":  typeOf(func(r *schemas.Rows) *[]schemas.DocumentRow { return &r.Documents }),
		"sentences":  typeOf(func(r *schemas.Rows) *[]schemas.SentenceRow { return &r.Sentences }),
		"mentions":   typeOf(func(r *schemas.Rows) *[]schemas.MentionRow { return &r.Mentions }),
		"relations":  typeOf(func(r *schemas.Rows) *[]schemas.RelationRow { return &r.Relations }),
		"summaries":  typeOf(func(r *schemas.Rows) *[]schemas.SummaryRow { return &r.Summaries }),
		"answers":    typeOf(func(r *schemas.Rows) *[]schemas.AnswerRow { return &r.Answers }),
		"labels":     typeOf(func(r *schemas.Rows) *[]schemas.LabelRow { return &r.Labels }),
		"vectors":    typeOf(func(r *schemas.Rows) *[]schemas.VectorRow { return &r.Vectors }),
		"rejects":    typeOf(func(r *schemas.Rows) *[]schemas.RejectRow { return &r.Rejects }),
		"superseded": typeOf(func(r *schemas.Rows) *[]schemas.SupersededRow { return &r.Superseded }),
	}
}

// typeOf returns the rowType of the table whose rows of returns.
func typeOf[T keyed](of func(*schemas.Rows) *[]T) rowType {
	return rowType{
		create: func(w io.Writer, groupRows int, options []parquet.WriterOption) tableWriter {
			schema := parquet.SchemaOf(new(T))
			options = append(append(options, schema), freeText(schema)...)
			return &typed[T]{
				GenericWriter: parquet.NewGenericWriter[any](w, options...),
				columnizer:    newColumnizer(reflect.TypeFor[T]()), of: of, groupRows: groupRows,
			}
		},
		scan: func(path string) iter.Seq2[schemas.Rows, error] {
			return func(yield func(schemas.Rows, error) bool) {
				for row, err := range Scan[T](path) {
					var rows schemas.Rows
					if err == nil {
						*of(&rows) = []T{row}
					}
					if !yield(rows, err) {
						return
					}
				}
			}
		},
	}
}

// typed writes the rows that of returns. It splits them into columns itself: GenericWriter.Write of
// parquet-go 0.32.0 stores some nulls of optional columns as "" or 0, depending on the values
// before them in a list or in a batch of 64 rows.
type typed[T keyed] struct {
	*parquet.GenericWriter[any]
	*columnizer
	of        func(*schemas.Rows) *[]T
	groupRows int // of a full row group
	inGroup   int // rows in the current row group
}

// write passes rows to the columns in batches of a fixed size, because pages end with a batch: the
// same rows give the same file, however they are divided among calls.
func (t *typed[T]) write(records []schemas.Rows) (n int, err error) {
	for i := range records {
		rows := *t.of(&records[i])
		if err := t.writeRows(rows); err != nil {
			return n, err
		}
		n += len(rows)
	}
	return n, nil
}

func (t *typed[T]) writeRows(rows []T) error {
	for i := range rows {
		t.takeRow(unsafe.Pointer(&rows[i]))
		if t.rows < batchRows {
			continue
		}
		if err := t.pass(); err != nil {
			return err
		}
	}
	return nil
}

func (t *typed[T]) merge(paths []string, keep func(unit string) bool) (n int, err error) {
	err = merge(paths, keep, func(rows []T) error {
		n += len(rows)
		return t.writeRows(rows)
	})
	return n, err
}

// pass writes the collected values to the columns.
func (t *typed[T]) pass() error {
	for i, column := range t.ColumnWriters() {
		if _, err := column.WriteRowValues(t.values[i]); err != nil {
			return err
		}
	}
	t.inGroup += t.rows
	t.reset()
	if t.inGroup < t.groupRows {
		return nil
	}
	t.inGroup = 0
	return t.Flush()
}

// Close completes the file.
func (t *typed[T]) Close() error {
	if t.rows > 0 {
		if err := t.pass(); err != nil {
			return err
		}
	}
	return t.GenericWriter.Close()
}

// freeText omits the page bounds of string columns without a dictionary.
func freeText(schema *parquet.Schema) []parquet.WriterOption {
	var options []parquet.WriterOption
	for _, path := range schema.Columns() {
		leaf, _ := schema.Lookup(path...)
		dictionary := leaf.Node.Encoding() == &parquet.RLEDictionary
		if leaf.Node.Type().Kind() == parquet.ByteArray && !dictionary {
			options = append(options, parquet.SkipPageBounds(path...))
		}
	}
	return options
}
