package arrowview

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/schemastest"
)

// write encodes a chunk and checks that nothing of it stays allocated.
func write(t memory.TestingT, rows []schemas.Rows) []byte {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	data, err := encode(rows, mem)
	if err != nil {
		t.Errorf("write: %v", err)
	}
	return data
}

// read decodes a chunk and checks that nothing of it stays allocated.
func read(t memory.TestingT, data []byte) ([]schemas.Rows, error) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	return decode(bytes.NewReader(data), int64(len(data)), mem)
}

func TestChunkRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := schemastest.Chunk(2).Draw(t, "rows")
		data := write(t, want)
		if again := write(t, want); !bytes.Equal(data, again) {
			t.Fatal("the same rows give other bytes")
		}
		got, err := read(t, data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// sample returns n records that are easy to tell apart, with text of every width of UTF-8.
func sample(n int) []schemas.Rows {
	rows := make([]schemas.Rows, n)
	for i := range rows {
		key := schemas.Key{PMID: int32(1000 + i), Version: 1, Unit: "sample"}
		rows[i] = schemas.Rows{
			Documents: []schemas.DocumentRow{{
				Key: key, Title: fmt.Sprintf("Record %d: β-catenin 𝛼é", i), TextSHA256: "00",
				Citation: schemas.Citation{
					Language: []string{"eng"}, PubDate: new(schemas.Date(-1)),
					Authors: []schemas.Author{{LastName: "Müller", Affiliations: []string{"", "Bonn"}}, {}},
				},
			}},
			Sentences: make([]schemas.SentenceRow, i%3),
			Relations: []schemas.RelationRow{{Key: key, Sentence: new(int32(0))}, {Key: key}},
		}
	}
	return rows
}

func TestChunkOfManyBatches(t *testing.T) {
	for _, n := range []int{0, 1, batchRows, batchRows + 1, 3 * batchRows} {
		got, err := read(t, write(t, sample(n)))
		if err != nil {
			t.Fatalf("%d rows: %v", n, err)
		}
		if diff := cmp.Diff(sample(n), got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%d rows: %s", n, diff)
		}
	}
}

func TestTruncatedChunk(t *testing.T) {
	data := write(t, sample(2))
	for n := 0; n < len(data); n += 13 {
		if _, err := read(t, data[:n]); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("the first %d of %d bytes: error %v, want ErrCorrupt", n, len(data), err)
		}
	}
}

func TestDamagedChunk(t *testing.T) {
	data := write(t, sample(2))
	for i := 0; i < len(data); i += 1 + i%13 {
		data[i] ^= 1 << (i % 8)
		if _, err := read(t, data); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d of %d: error %v, want ErrCorrupt", i, len(data), err)
		}
		data[i] ^= 1 << (i % 8)
	}
}

func TestWriteError(t *testing.T) {
	full := errors.New("no space left")
	r, w := io.Pipe()
	r.CloseWithError(full)
	if err := WriteChunk(w, sample(2)); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

// A file that another version wrote, sealed as ours are.
func TestOtherSchema(t *testing.T) {
	var b bytes.Buffer
	w, err := ipc.NewFileWriter(seeker{&b}, ipc.WithSchema(Schema(schemas.Tables()[0].Row)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"plain": bytes.Clone(b.Bytes()), "sealed": seal(b.Bytes())} {
		if _, err := ReadChunk(bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: error %v, want ErrCorrupt", name, err)
		}
	}
}

func FuzzReadChunk(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(write(f, nil))
	f.Add(write(f, sample(2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := read(t, data)
		if err != nil {
			return
		}
		if again, err := read(t, write(t, rows)); err != nil {
			t.Fatal(err)
		} else if diff := cmp.Diff(rows, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkWriteChunk(b *testing.B) {
	rows := sample(1000)
	for b.Loop() {
		if err := WriteChunk(io.Discard, rows); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadChunk(b *testing.B) {
	data := write(b, sample(1000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ReadChunk(bytes.NewReader(data), int64(len(data))); err != nil {
			b.Fatal(err)
		}
	}
}
