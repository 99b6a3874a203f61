package parquetio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
	"github.com/pubmine/pubmine/schemas/schemastest"
)

// fataler is a test or a property.
type fataler interface {
	Fatal(args ...any)
	Helper()
}

// writeAll writes every table of chunks into dir.
func writeAll(t fataler, dir string, chunks ...[]schemas.Rows) {
	t.Helper()
	for _, table := range schemas.Tables() {
		if err := os.WriteFile(filepath.Join(dir, table.Name), write(t, table, chunks...), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func metadata() map[string]string {
	return map[string]string{"pubmine.unit": "u", "pubmine.model": "m", "a": "1", "b": "2"}
}

func write(t fataler, table schemas.Table, chunks ...[]schemas.Rows) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, table, metadata())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chunks {
		if err := w.Write(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll reads what writeAll wrote.
func readAll(t fataler, dir string) schemas.Rows {
	t.Helper()
	return schemas.Rows{
		Documents:  readTable[schemas.DocumentRow](t, dir, "documents"),
		Sentences:  readTable[schemas.SentenceRow](t, dir, "sentences"),
		Mentions:   readTable[schemas.MentionRow](t, dir, "mentions"),
		Relations:  readTable[schemas.RelationRow](t, dir, "relations"),
		Summaries:  readTable[schemas.SummaryRow](t, dir, "summaries"),
		Answers:    readTable[schemas.AnswerRow](t, dir, "answers"),
		Labels:     readTable[schemas.LabelRow](t, dir, "labels"),
		Vectors:    readTable[schemas.VectorRow](t, dir, "vectors"),
		Rejects:    readTable[schemas.RejectRow](t, dir, "rejects"),
		Superseded: readTable[schemas.SupersededRow](t, dir, "superseded"),
	}
}

func readTable[T any](t fataler, dir, table string) []T {
	t.Helper()
	rows, err := Read[T](filepath.Join(dir, table))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func flatten(chunks ...[]schemas.Rows) schemas.Rows {
	var all schemas.Rows
	for _, c := range chunks {
		for _, r := range c {
			all.Append(r)
		}
	}
	return all
}

// Rows survive a checkpoint and the tables unchanged.
func TestRoundTripThroughArrowAndParquet(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		a, b := schemastest.Chunk(1).Draw(t, "first"), schemastest.Chunk(1).Draw(t, "second")
		want := flatten(a, b)
		for _, c := range []*[]schemas.Rows{&a, &b} {
			var file bytes.Buffer
			if err := arrowview.WriteChunk(&file, *c); err != nil {
				t.Fatal(err)
			}
			rows, err := arrowview.ReadChunk(bytes.NewReader(file.Bytes()), int64(file.Len()))
			if err != nil {
				t.Fatal(err)
			}
			*c = rows
		}
		writeAll(t, dir, a, b)
		if diff := cmp.Diff(want, readAll(t, dir), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestEveryTable(t *testing.T) {
	var names []string
	for _, table := range schemas.Tables() {
		names = append(names, table.Name)
		path := filepath.Join(t.TempDir(), table.Name)
		data := write(t, table)
		if !bytes.Equal(data, write(t, table)) {
			t.Errorf("%s: the same rows give other bytes", table.Name)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		info, err := Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		want := Info{Table: table.Name, Metadata: map[string]string{
			KeyTable: table.Name, KeySchema: strconv.Itoa(schemas.Version), "pubmine.unit": "u", "pubmine.model": "m",
			"a": "1", "b": "2",
		}}
		if diff := cmp.Diff(want, info); diff != "" {
			t.Errorf("%s: %s", table.Name, diff)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(tables()))); diff != "" {
		t.Errorf("tables known here and in schemas: %s", diff)
	}
	if _, err := NewWriter(nil, schemas.Table{Name: "other"}, nil); err == nil {
		t.Error("a table that does not exist was opened")
	}
}

// mentions returns n rows, each pmid having four, with texts too many for a dictionary.
func mentions(n int) []schemas.Rows {
	rows := make([]schemas.MentionRow, n)
	for i := range rows {
		rows[i] = schemas.MentionRow{
			Key: schemas.Key{PMID: int32(i / 4), Version: 1, Unit: "u"}, Mention: int32(i % 4), Type: "Gene",
			Text: fmt.Sprint(
				"text ", i,
			), Concept: fmt.Sprintf("%s:%d", strings.Repeat("long prefix ", 4), i), Model: "m",
		}
	}
	return []schemas.Rows{{Mentions: rows}}
}

func TestManyRowGroupsAndFullDictionary(t *testing.T) {
	const n = 70_000 // two row groups, 4 MB of distinct concepts
	dir := t.TempDir()
	writeAll(t, dir, mentions(n))
	path := filepath.Join(dir, "mentions")
	if !slices.Equal(mentions(n)[0].Mentions, readTable[schemas.MentionRow](t, dir, "mentions")) {
		t.Fatal("other rows were read than were written")
	}
	for _, pmid := range []int32{0, 1, 16_383, 16_384, n/4 - 1, n / 4, -1} {
		got, err := Find[schemas.MentionRow](path, pmid)
		if err != nil {
			t.Fatal(err)
		}
		want := mentions(n)[0].Mentions
		want = slices.DeleteFunc(want, func(r schemas.MentionRow) bool { return r.PMID != pmid })
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("pmid %d: %s", pmid, diff)
		}
	}
}

// A record that is in a unit twice is found twice, in order.
func TestFindInTwoPlaces(t *testing.T) {
	var rows []schemas.SentenceRow
	for i := range 1000 {
		rows = append(rows, schemas.SentenceRow{Key: schemas.Key{PMID: int32(i % 400 / 2)}, Sentence: int32(i)})
	}
	dir := t.TempDir()
	writeAll(t, dir, []schemas.Rows{{Sentences: rows[:600]}, {}}, []schemas.Rows{{Sentences: rows[600:]}})
	for _, pmid := range []int32{0, 7, 99, 199} {
		got, err := Find[schemas.SentenceRow](filepath.Join(dir, "sentences"), pmid)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(rows), func(r schemas.SentenceRow) bool { return r.PMID != pmid })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pmid %d: %s", pmid, diff)
		}
	}
}

func TestScanStopsWhenAsked(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, mentions(10))
	seen := 0
	for row, err := range Scan[schemas.MentionRow](filepath.Join(dir, "mentions")) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; row.Mention == 2 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("%d rows were seen", seen)
	}
}

// full is a disk with room for a number of bytes.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	table := schemas.Tables()[2]
	size := len(write(t, table, mentions(1000)))
	for room := 0; room < size; room += 100 {
		w, err := NewWriter(&full{left: room}, table, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err = w.Write(mentions(1000)); err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: error %v", room, size, err)
		}
	}
}

func TestStatisticsLeaveTextOut(t *testing.T) {
	rows := []schemas.Rows{
		{
			Documents: []schemas.DocumentRow{
				{Title: "Title", Abstract: strings.Repeat("abstract ", 1000), Key: schemas.Key{PMID: 7, Unit: "u"}},
			},
		},
	}
	data := write(t, schemas.Tables()[0], rows)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	bounds := map[string]bool{}
	for _, c := range f.Metadata().RowGroups[0].Columns {
		bounds[strings.Join(c.MetaData.PathInSchema, ".")] = len(c.MetaData.Statistics.MinValue) > 0
		if c.MetaData.Codec.String() != "ZSTD" {
			t.Errorf("%v is compressed with %v", c.MetaData.PathInSchema, c.MetaData.Codec)
		}
	}
	for column, want := range map[string]bool{"pmid": true, "unit": true, "title": false, "abstract": false} {
		if bounds[column] != want {
			t.Errorf("bounds of %s: %v, want %v", column, bounds[column], want)
		}
	}
}

func TestReadWhatIsNotTheTable(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, mentions(100))
	whole, err := os.ReadFile(filepath.Join(dir, "mentions"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte("pmid,version\n"), "half": whole[:len(whole)/2], "tail": whole[len(whole)/2:],
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read[schemas.MentionRow](path); !errors.Is(err, ErrTable) {
			t.Errorf("%s: read: error %v, want ErrTable", name, err)
		}
		if _, err := Stat(path); !errors.Is(err, ErrTable) {
			t.Errorf("%s: stat: error %v, want ErrTable", name, err)
		}
	}
	if _, err := Find[schemas.SentenceRow](filepath.Join(dir, "mentions"), 1); !errors.Is(err, ErrTable) {
		t.Errorf("another table: error %v, want ErrTable", err)
	}
	if _, err := Read[schemas.MentionRow](filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: error %v", err)
	}
}

// A flipped bit in a page is found by the page's checksum.
func TestDamagedPage(t *testing.T) {
	for name, path := range damagedColumns(t) {
		if _, err := Read[schemas.MentionRow](path); err == nil {
			t.Errorf("column %s: the flip was not found", name)
		}
	}
}

// damagedColumns yields for each column of a table of mentions a file with a flipped bit in the
// last page of the column.
func damagedColumns(t *testing.T) iter.Seq2[string, string] {
	t.Helper()
	whole := write(t, schemas.Tables()[2], mentions(1000))
	f, err := parquet.OpenFile(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged")
	return func(yield func(string, string) bool) {
		for _, c := range f.Metadata().RowGroups[0].Columns {
			first := c.MetaData.DataPageOffset
			if c.MetaData.DictionaryPageOffset > 0 {
				first = c.MetaData.DictionaryPageOffset
			}
			data := bytes.Clone(whole)
			data[first+c.MetaData.TotalCompressedSize-1] ^= 0x10
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			if !yield(c.MetaData.PathInSchema[0], path) {
				return
			}
		}
	}
}

func BenchmarkWriteMentions(b *testing.B) {
	rows := mentions(10_000)
	for b.Loop() {
		write(b, schemas.Tables()[2], rows)
	}
}

// TestNulls counts the values of an optional column inside a list: one author of six has a suffix,
// whoever it is.
func TestNulls(t *testing.T) {
	for at := range 6 {
		authors := make([]schemas.Author, 6)
		authors[at].Suffix = "Jr"
		row := schemas.DocumentRow{
			Key: schemas.Key{PMID: 1, Version: 1, Unit: "u"}, Citation: schemas.Citation{Authors: authors},
		}
		data := write(t, schemas.Tables()[0], []schemas.Rows{{Documents: []schemas.DocumentRow{row}}})
		file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		leaf, ok := file.Schema().Lookup("authors", "list", "element", "suffix")
		if !ok {
			t.Fatal("no such column")
		}
		values := make([]parquet.Value, 12)
		pages := file.RowGroups()[0].ColumnChunks()[leaf.ColumnIndex].Pages()
		page, err := pages.ReadPage()
		if err != nil {
			t.Fatal(err)
		}
		n, err := page.Values().ReadValues(values)
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
		for i, v := range values[:n] {
			if v.IsNull() != (i != at) {
				t.Errorf("suffix of author %d alone: value %d of %d is %v", at, i, n, v)
			}
		}
		if err := pages.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The date 1970-01-01 is day 0, and not no date.
func TestDayZeroIsADate(t *testing.T) {
	zero := schemas.NewDate(1970, 1, 1)
	want := []schemas.DocumentRow{
		{Key: schemas.Key{PMID: 1, Version: 1, Unit: "u"}, Citation: schemas.Citation{PubDate: &zero}},
		{Key: schemas.Key{PMID: 2, Version: 1, Unit: "u"}, Citation: schemas.Citation{DateRevised: &zero}},
	}
	path := filepath.Join(t.TempDir(), "documents.parquet")
	if err := os.WriteFile(path, write(t, schemas.Tables()[0], []schemas.Rows{{Documents: want}}), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Read[schemas.DocumentRow](path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
