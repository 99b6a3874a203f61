package arrowview

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
)

type inner struct {
	Name string `parquet:"name"`
	Day  *int32 `parquet:"day,optional,date"`
}

type base struct {
	ID int32 `parquet:"id,delta"`
}

type every struct {
	base
	inner
	Text   string         `parquet:"text,optional,dict"`
	Small  int16          `parquet:"small"`
	Large  int64          `parquet:"large"`
	Share  float32        `parquet:"share,optional"`
	Is     bool           `parquet:"is"`
	Date   schemas.Date   `parquet:"date,optional,date"`
	Day    *schemas.Date  `parquet:"day_or_null,optional,date"`
	Names  []string       `parquet:"names,list"`
	Inners []inner        `parquet:"inners,list"`
	Nested [][]int32      `parquet:"nested,list"`
	Key    schemas.Key    `parquet:"key"`
	Dates  []schemas.Date `parquet:"dates,list"`
}

func TestSchemaOfEveryType(t *testing.T) {
	want := strings.TrimSpace(`
id: int32
name: utf8
day: date32 or null
text: utf8 or null
small: int16
large: int64
share: float32 or null
is: bool
date: date32 or null
day_or_null: date32 or null
names: list<element: utf8>
inners: list<element: struct<name: utf8, day: date32>>
nested: list<element: list<element: int32>>
key: struct<pmid: int32, version: int16, unit: utf8>
dates: list<element: int32>`)
	var lines []string
	for _, f := range Schema(reflect.TypeFor[every]()).Fields() {
		line := f.Name + ": " + f.Type.String()
		if f.Nullable {
			line += " or null"
		}
		lines = append(lines, strings.ReplaceAll(line, ", nullable", ""))
	}
	if diff := cmp.Diff(want, strings.Join(lines, "\n")); diff != "" {
		t.Error(diff)
	}
}

// Each type goes into an array and comes back, its zero value and null among them.
func TestEveryTypeRoundTrip(t *testing.T) {
	values := []every{
		{},
		{
			base: base{
				1,
			}, inner: inner{Name: "𝛽", Day: new(int32(0))}, Text: "t", Small: -1, Large: 1 << 40, Share: 0.5, Is: true,
			Date: -3, Day: new(schemas.Date(0)), Names: []string{"", "n"},
			Inners: []inner{{}, {Name: "x", Day: new(int32(9))}},
			Nested: [][]int32{
				nil,
				{1, 2},
			}, Key: schemas.Key{PMID: 1, Version: 2, Unit: "u"}, Dates: []schemas.Date{0, 1},
		},
	}
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	b := array.NewStructBuilder(mem, arrow.StructOf(fields(reflect.TypeFor[every]())...))
	defer b.Release()
	put := appendValue(reflect.TypeFor[every]())
	for _, v := range values {
		put(b, reflect.ValueOf(v))
	}
	a := b.NewArray()
	defer a.Release()
	get := readValue(reflect.TypeFor[every]())
	for i, want := range values {
		var got every
		get(a, i, reflect.ValueOf(&got).Elem())
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%+v came back as %+v", want, got)
		}
	}
}

func TestTypesWithoutArrow(t *testing.T) {
	for _, row := range []any{
		struct {
			X map[string]int `parquet:"x"`
		}{},
		struct {
			X uint8 `parquet:"x"`
		}{},
	} {
		func() {
			defer func() {
				if p := recover(); p == nil {
					t.Errorf("%T has an Arrow schema", row)
				}
			}()
			Schema(reflect.TypeOf(row))
		}()
	}
}

func TestColumnsOfEveryTable(t *testing.T) {
	for _, table := range schemas.Tables() {
		var names []string
		for _, c := range columns(table.Row) {
			if c.name == "" || slices.Contains(names, c.name) {
				t.Errorf("%s: column %q has no name of its own", table.Name, c.name)
			}
			names = append(names, c.name)
			if got := table.Row.FieldByIndex(c.index).Type; got != c.typ {
				t.Errorf("%s: column %s is a %v, its field a %v", table.Name, c.name, c.typ, got)
			}
		}
	}
}

// A reader that knows nothing of the checksum sees an ordinary file.
func TestAnyReaderOpensAChunk(t *testing.T) {
	data := write(t, sample(batchRows+1))
	f, err := ipc.NewFileReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := int64(0)
	for i := range f.NumRecords() {
		rec, err := f.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		rows += rec.NumRows()
	}
	if rows != batchRows+1 || f.Schema().Field(0).Name != "documents" {
		t.Errorf("%d rows of %v", rows, f.Schema())
	}
	titles := 0
	rec, err := f.Record(0)
	if err != nil {
		t.Fatal(err)
	}
	documents := rec.Column(0).(*array.List).ListValues().(*array.Struct)
	for i := range documents.Len() {
		if strings.HasPrefix(documents.Field(3).(*array.String).Value(i), "Record ") {
			titles++
		}
	}
	if titles != batchRows {
		t.Errorf("%d titles in the first batch", titles)
	}
}
