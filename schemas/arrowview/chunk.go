package arrowview

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/pubmine/pubmine/schemas"
)

// ErrCorrupt means that a file is not a complete chunk.
var ErrCorrupt = errors.New("not a complete chunk")

// batchRows is the maximum number of rows of a record batch. Arrow's 32-bit offsets allow less than
// 2 GiB of text: 128 records of 16 MiB, the maximum of the decoder, are below that because part of
// each is tags. The overhead of a batch is that of some dozens of rows.
const batchRows = 128

// WriteChunk writes a chunk. Equal rows give equal bytes. The file is in memory until it is
// complete.
func WriteChunk(w io.Writer, rows []schemas.Rows) error {
	file, err := encode(rows, memory.NewGoAllocator())
	if err == nil {
		_, err = w.Write(file)
	}
	if err != nil {
		return fmt.Errorf("write chunk: %w", err)
	}
	return nil
}

func encode(rows []schemas.Rows, mem memory.Allocator) ([]byte, error) {
	var file bytes.Buffer
	schema := Schema(reflect.TypeFor[schemas.Rows]())
	w, err := ipc.NewFileWriter(seeker{&file}, ipc.WithSchema(schema), ipc.WithAllocator(mem))
	if err != nil {
		return nil, err
	}
	b := newBatcher(schema, mem)
	defer b.Release()
	for len(rows) > 0 {
		n := min(batchRows, len(rows))
		if err := b.write(w, rows[:n]); err != nil {
			return nil, err
		}
		rows = rows[n:]
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return seal(file.Bytes()), nil
}

// seeker tells the IPC writer its position, the only thing that it seeks for.
type seeker struct{ *bytes.Buffer }

// Seek returns the number of bytes written.
func (s seeker) Seek(int64, int) (int64, error) { return int64(s.Len()), nil }

// batcher makes record batches of rows.
type batcher struct {
	*array.RecordBuilder
	cols   []column
	values []appendFunc
}

func newBatcher(schema *arrow.Schema, mem memory.Allocator) *batcher {
	b := &batcher{RecordBuilder: array.NewRecordBuilder(mem, schema), cols: columns(reflect.TypeFor[schemas.Rows]())}
	for _, c := range b.cols {
		b.values = append(b.values, appendTo(c))
	}
	return b
}

func (b *batcher) write(w *ipc.FileWriter, rows []schemas.Rows) error {
	for i := range rows {
		v := reflect.ValueOf(&rows[i]).Elem()
		for j, c := range b.cols {
			b.values[j](b.Field(j), v.FieldByIndex(c.index))
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	return w.Write(rec)
}

// ReadChunk reads a chunk of size bytes. An incomplete or damaged one is ErrCorrupt.
func ReadChunk(r io.ReaderAt, size int64) ([]schemas.Rows, error) {
	rows, err := decode(r, size, memory.NewGoAllocator())
	if err != nil {
		return nil, fmt.Errorf("read chunk: %w", err)
	}
	return rows, nil
}

// CheckChunk reads a chunk of size bytes without decoding it. An incomplete or damaged one is
// ErrCorrupt.
func CheckChunk(r io.ReaderAt, size int64) error {
	if err := checkSeal(r, size); err != nil {
		return fmt.Errorf("check chunk: %w", err)
	}
	return nil
}

func decode(r io.ReaderAt, size int64, mem memory.Allocator) (rows []schemas.Rows, err error) {
	if err := checkSeal(r, size); err != nil {
		return nil, err
	}
	// The IPC reader panics on unexpected content, such as a chunk of another version.
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	schema := Schema(reflect.TypeFor[schemas.Rows]())
	file, err := ipc.NewFileReader(io.NewSectionReader(r, 0, size), ipc.WithSchema(schema), ipc.WithAllocator(mem))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	defer file.Close()
	for i := range file.NumRecords() {
		rec, err := file.Record(i)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		rows = append(rows, readRows(rec)...)
	}
	return rows, nil
}

func readRows(rec arrow.Record) []schemas.Rows {
	rows := make([]schemas.Rows, rec.NumRows())
	for j, c := range columns(reflect.TypeFor[schemas.Rows]()) {
		read, col := readFrom(c), rec.Column(j)
		for i := range rows {
			read(col, i, reflect.ValueOf(&rows[i]).Elem().FieldByIndex(c.index))
		}
	}
	return rows
}

// trailerSize is the size of the end of an IPC file: the length of the footer and the magic number.
const trailerSize = 4 + 6

// sealSize is the length of the checksum.
const sealSize = 4

// seal puts the checksum at the end of the footer. The footer is a flatbuffer, which is read from
// its front, so that a reader that does not know of the checksum does not see it.
func seal(file []byte) []byte {
	at := len(file) - trailerSize
	trailer := bytes.Clone(file[at:])
	footer := binary.LittleEndian.Uint32(trailer) + sealSize
	binary.LittleEndian.PutUint32(trailer, footer)
	sum := checksum(crc32.Checksum(file[:at], castagnoli()), trailer)
	return append(binary.LittleEndian.AppendUint32(file[:at], sum), trailer...)
}

// checkSeal reads the file once and compares the checksum.
func checkSeal(r io.ReaderAt, size int64) error {
	if size < sealSize+trailerSize {
		return fmt.Errorf("%w: %d bytes are too few", ErrCorrupt, size)
	}
	h := crc32.New(castagnoli())
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size-sealSize-trailerSize)); err != nil {
		return err
	}
	end := make([]byte, sealSize+trailerSize)
	if _, err := r.ReadAt(end, size-int64(len(end))); err != nil && err != io.EOF {
		return err
	}
	want, got := binary.LittleEndian.Uint32(end), checksum(h.Sum32(), end[sealSize:])
	if got != want {
		return fmt.Errorf("%w: the checksum is %08x and should be %08x", ErrCorrupt, got, want)
	}
	return nil
}

// checksum extends the sum of all bytes before the seal over the trailer after it.
func checksum(sum uint32, trailer []byte) uint32 { return crc32.Update(sum, castagnoli(), trailer) }

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
