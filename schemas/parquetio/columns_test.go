package parquetio

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/schemas"
)

// random fills a value: half of the nullable fields are zero, lists have up to three elements.
func random(v reflect.Value, rng *rand.Rand) {
	switch v.Kind() {
	case reflect.Pointer:
		if rng.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			random(v.Elem(), rng)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			random(v.Field(i), rng)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rng.IntN(4), 3))
		for i := range v.Len() {
			random(v.Index(i), rng)
		}
	case reflect.String:
		v.SetString([]string{"", "", "a", "µg/l"}[rng.IntN(4)])
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.Float32:
		v.SetFloat([]float64{0, 0.5, math.Inf(1)}[rng.IntN(3)])
	default:
		v.SetInt(int64(rng.IntN(3) - 1))
	}
}

// The columnizer and parquet-go make the same values of the rows of every table.
func TestColumnizerAgreesWithDeconstruct(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, table := range schemas.Tables() {
		t.Run(table.Name, func(t *testing.T) {
			c := newColumnizer(table.Row)
			flat := reflect.StructOf(flatFields(table.Row)) // see flat
			schema := parquet.SchemaOf(reflect.New(flat).Interface())
			if len(c.values) != len(schema.Columns()) {
				t.Fatalf("%d columns, not %d", len(c.values), len(schema.Columns()))
			}
			for range 200 {
				row := reflect.New(table.Row)
				random(row.Elem(), rng)
				c.reset()
				c.takeRow(unsafe.Pointer(row.Pointer()))
				same := reflect.New(flat)
				for i, f := range reflect.VisibleFields(flat) {
					same.Elem().Field(i).Set(row.Elem().FieldByName(f.Name))
				}
				schema.Deconstruct(nil, same.Interface()).Range(func(i int, want []parquet.Value) bool {
					if !equalValues(want, c.values[i]) {
						t.Errorf("column %v: %+v, not %+v", schema.Columns()[i], c.values[i], want)
					}
					return !t.Failed()
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// flatFields lists the fields of a struct, those of embedded structs in their place.
func flatFields(t reflect.Type) (fields []reflect.StructField) {
	for _, f := range reflect.VisibleFields(t) {
		if !f.Anonymous {
			fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		}
	}
	return fields
}

func equalValues(a, b []parquet.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].IsNull() != b[i].IsNull() || !parquet.DeepEqual(a[i], b[i]) {
			return false
		}
	}
	return true
}

// A file depends on the rows, not on how they were divided among calls.
func TestDivisionOfRowsDoesNotShow(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	rows := make([]schemas.Rows, 300)
	for i := range rows {
		rows[i].Documents = make([]schemas.DocumentRow, i%3)
		for j := range rows[i].Documents {
			random(reflect.ValueOf(&rows[i].Documents[j]).Elem(), rng)
		}
	}
	var sizes []string
	for _, n := range []int{1, 7, 64, 300} {
		sizes = append(sizes, string(divided(t, rows, n)))
	}
	for i := range sizes {
		if sizes[i] != sizes[0] {
			t.Errorf("division %d gives another file", i)
		}
	}
}

// divided writes the documents of rows, n records at a time.
func divided(t *testing.T, rows []schemas.Rows, n int) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewWriter(&file, schemas.Tables()[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := range slices.Chunk(rows, n) {
		if err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
