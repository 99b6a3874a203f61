package parquetio

import (
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/schemas"
)

// Keys of the metadata that every file has.
const (
	KeyTable  = "pubmine.table"
	KeySchema = "pubmine.schema"
)

// filterBits per value give the bloom filter 1% of false positives.
const filterBits = 10

// Writer writes one table.
type Writer struct {
	name  string
	table tableWriter
}

// tableWriter is a Writer of known row type.
type tableWriter interface {
	write(rows []schemas.Rows) error
	Close() error
}

// NewWriter begins a file of table t. Close it to end the file.
func NewWriter(w io.Writer, t schemas.Table, metadata map[string]string) (*Writer, error) {
	typ, ok := tables()[t.Name]
	if !ok {
		return nil, fmt.Errorf("parquet: no table %q", t.Name)
	}
	options := []parquet.WriterOption{
		parquet.Compression(&parquet.Zstd),
		parquet.CreatedBy("pubmine", strconv.Itoa(schemas.Version), "parquet-go"),
		parquet.PageBufferSize(1 << 20),
		parquet.DictionaryMaxBytes(1 << 20),
		parquet.MaxRowsPerRowGroup(groupRows(t.Name)),
		parquet.BloomFilters(parquet.SplitBlockFilter(filterBits, "pmid")),
	}
	for k, v := range metadata {
		options = append(options, parquet.KeyValueMetadata(k, v))
	}
	options = append(options, parquet.KeyValueMetadata(KeyTable, t.Name), parquet.KeyValueMetadata(KeySchema, strconv.Itoa(schemas.Version)))
	return &Writer{name: t.Name, table: typ.create(w, options)}, nil
}

// groupRows bounds a row group, which the writer holds until it is full: a row of documents is 20 kB in memory, most of it references, a
// row of the others some hundred bytes.
func groupRows(table string) int64 {
	if table == "documents" {
		return 4 << 10
	}
	return 64 << 10
}

// Write appends the table's rows of a chunk, record by record.
func (w *Writer) Write(rows []schemas.Rows) error {
	if err := w.table.write(rows); err != nil {
		return fmt.Errorf("write table %s: %w", w.name, err)
	}
	return nil
}

// Close ends the file. It does not close the underlying writer.
func (w *Writer) Close() error {
	if err := w.table.Close(); err != nil {
		return fmt.Errorf("write table %s: %w", w.name, err)
	}
	return nil
}

// rowType is what can be done with files of some row type.
type rowType struct {
	create func(w io.Writer, options []parquet.WriterOption) tableWriter
	scan   func(path string) iter.Seq2[schemas.Rows, error]
}

// tables gives for each table of schemas.Tables its row type, which generic code needs by name.
func tables() map[string]rowType {
	return map[string]rowType{
		"documents":  typeOf(func(r *schemas.Rows) *[]schemas.DocumentRow { return &r.Documents }),
		"sentences":  typeOf(func(r *schemas.Rows) *[]schemas.SentenceRow { return &r.Sentences }),
		"mentions":   typeOf(func(r *schemas.Rows) *[]schemas.MentionRow { return &r.Mentions }),
		"relations":  typeOf(func(r *schemas.Rows) *[]schemas.RelationRow { return &r.Relations }),
		"summaries":  typeOf(func(r *schemas.Rows) *[]schemas.SummaryRow { return &r.Summaries }),
		"answers":    typeOf(func(r *schemas.Rows) *[]schemas.AnswerRow { return &r.Answers }),
		"rejects":    typeOf(func(r *schemas.Rows) *[]schemas.RejectRow { return &r.Rejects }),
		"superseded": typeOf(func(r *schemas.Rows) *[]schemas.SupersededRow { return &r.Superseded }),
	}
}

// typeOf makes the rowType of a table whose rows stand in Rows where of says.
func typeOf[T any](of func(*schemas.Rows) *[]T) rowType {
	return rowType{
		create: func(w io.Writer, options []parquet.WriterOption) tableWriter {
			schema := parquet.SchemaOf(new(T))
			options = append(options, freeText(schema)...)
			flat := newFlat[T]()
			return &typed[T]{GenericWriter: parquet.NewGenericWriter[T](w, options...), flat: flat, schema: flat.schema(), of: of}
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

// typed writes the rows that of takes out of Rows. It takes them apart itself: GenericWriter.Write of parquet-go 0.32.0 stores nulls
// of optional columns as "" or 0 where the values before them in a list, or in a batch of 64 rows, form certain patterns.
type typed[T any] struct {
	*parquet.GenericWriter[T]
	flat   flat[T]
	schema *parquet.Schema // of flat
	of     func(*schemas.Rows) *[]T
	batch  []parquet.Row
}

// batchRows is how many rows are taken apart together. Each is some 1,000 values of 24 bytes.
const batchRows = 32

func (t *typed[T]) write(records []schemas.Rows) error {
	n := 0
	for i := range records {
		rows := *t.of(&records[i])
		for j := range rows {
			if n == len(t.batch) {
				t.batch = append(t.batch, nil)
			}
			t.flat.from(&rows[j])
			t.batch[n] = t.schema.Deconstruct(t.batch[n][:0], t.flat.value.Interface())
			if n++; n < batchRows {
				continue
			}
			if _, err := t.WriteRows(t.batch[:n]); err != nil {
				return err
			}
			n = 0
		}
	}
	_, err := t.WriteRows(t.batch[:n])
	return err
}

// freeText leaves out the page bounds of strings that are not of a small set.
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
