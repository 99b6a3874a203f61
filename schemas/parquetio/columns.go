package parquetio

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/parquet-go/parquet-go"
)

// batchRows is the number of rows that are split before their values are written to the columns. A
// row has about 1,000 values of 24 bytes.
const batchRows = 64

// A columnizer splits rows of a struct type into the values of each leaf column, as Dremel does
// (Melnik et al. 2010), each value with its repetition and definition level. It reads the fields
// directly from memory: a row of documents has a thousand values, and reflection would cost more
// than the rest of writing Parquet.
type columnizer struct {
	row    takeFunc
	values [][]parquet.Value // of each leaf column
	rows   int               // number of rows in values
}

// levels are those of the next value; depth is the number of lists around it.
type levels struct{ repetition, depth, definition int }

// takeFunc appends the value at p, or nulls if p is nil, to its columns.
type takeFunc func(values [][]parquet.Value, l levels, p unsafe.Pointer)

// newColumnizer panics on a type that no row struct has.
func newColumnizer(row reflect.Type) *columnizer {
	leaves := 0
	c := &columnizer{row: takeStruct(row, &leaves)}
	c.values = make([][]parquet.Value, leaves)
	return c
}

// takeRow splits the row at p. The bytes of its strings must not change until reset.
func (c *columnizer) takeRow(p unsafe.Pointer) {
	c.row(c.values, levels{}, p)
	c.rows++
}

func (c *columnizer) reset() {
	for i := range c.values {
		c.values[i] = c.values[i][:0]
	}
	c.rows = 0
}

// take returns the takeFunc of a field. An optional field is null if it is zero, and has one more
// definition level if it is not.
func take(t reflect.Type, optional bool, leaves *int) takeFunc {
	if !optional {
		return takeValue(t, leaves)
	}
	isNull, pointer := isZero(t), t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	value := takeValue(t, leaves)
	return func(values [][]parquet.Value, l levels, p unsafe.Pointer) {
		if p != nil && isNull(p) {
			p = nil
		}
		if p != nil {
			l.definition++
			if pointer {
				p = *(*unsafe.Pointer)(p)
			}
		}
		value(values, l, p)
	}
}

func takeValue(t reflect.Type, leaves *int) takeFunc {
	switch t.Kind() {
	case reflect.Slice:
		return takeList(t, leaves)
	case reflect.Struct:
		return takeStruct(t, leaves)
	}
	return takeLeaf(t, leaves)
}

// takeStruct takes the fields in their order, including those of embedded structs.
func takeStruct(t reflect.Type, leaves *int) takeFunc {
	type field struct {
		offset uintptr
		take   takeFunc
	}
	var fields []field
	for f := range t.Fields() {
		if f.Anonymous {
			fields = append(fields, field{f.Offset, takeStruct(f.Type, leaves)})
			continue
		}
		options := strings.Split(f.Tag.Get("parquet"), ",")[1:]
		fields = append(fields, field{f.Offset, take(f.Type, slices.Contains(options, "optional"), leaves)})
	}
	return func(values [][]parquet.Value, l levels, p unsafe.Pointer) {
		for _, f := range fields {
			if p == nil {
				f.take(values, l, nil)
			} else {
				f.take(values, l, unsafe.Add(p, f.offset))
			}
		}
	}
}

func takeList(t reflect.Type, leaves *int) takeFunc {
	element, size := takeValue(t.Elem(), leaves), t.Elem().Size()
	return func(values [][]parquet.Value, l levels, p unsafe.Pointer) {
		if p == nil {
			element(values, l, nil)
			return
		}
		list := *(*[]struct{})(p) // whatever its elements are, a slice is a pointer and two numbers
		if len(list) == 0 {
			element(values, l, nil)
			return
		}
		l.depth++
		l.definition++
		first := unsafe.Pointer(unsafe.SliceData(list))
		for i := range len(list) {
			element(values, l, unsafe.Add(first, uintptr(i)*size))
			l.repetition = l.depth
		}
	}
}

func takeLeaf(t reflect.Type, leaves *int) takeFunc {
	column := *leaves
	*leaves++
	value := leafValue(t)
	return func(values [][]parquet.Value, l levels, p unsafe.Pointer) {
		var v parquet.Value
		switch {
		case p == nil:
		case value == nil:
			s := *(*string)(p)
			v = parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s)))
		default:
			v = value(p)
		}
		values[column] = append(values[column], v.Level(l.repetition, l.definition, column))
	}
}

// leafValue returns the function that reads a leaf. It is nil for strings: they are the most
// frequent and are read without a call.
func leafValue(t reflect.Type) func(p unsafe.Pointer) parquet.Value {
	switch t.Kind() {
	case reflect.String:
		return nil
	case reflect.Bool:
		return func(p unsafe.Pointer) parquet.Value { return parquet.BooleanValue(*(*bool)(p)) }
	case reflect.Int16:
		return func(p unsafe.Pointer) parquet.Value { return parquet.Int32Value(int32(*(*int16)(p))) }
	case reflect.Int32:
		return func(p unsafe.Pointer) parquet.Value { return parquet.Int32Value(*(*int32)(p)) }
	case reflect.Int64:
		return func(p unsafe.Pointer) parquet.Value { return parquet.Int64Value(*(*int64)(p)) }
	case reflect.Float32:
		return func(p unsafe.Pointer) parquet.Value { return parquet.FloatValue(*(*float32)(p)) }
	}
	panic(fmt.Sprintf("parquetio: no column for %v", t))
}

func isZero(t reflect.Type) func(p unsafe.Pointer) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return func(p unsafe.Pointer) bool { return *(*unsafe.Pointer)(p) == nil }
	case reflect.String:
		return func(p unsafe.Pointer) bool { return *(*string)(p) == "" }
	case reflect.Int16:
		return func(p unsafe.Pointer) bool { return *(*int16)(p) == 0 }
	case reflect.Int32:
		return func(p unsafe.Pointer) bool { return *(*int32)(p) == 0 }
	case reflect.Int64:
		return func(p unsafe.Pointer) bool { return *(*int64)(p) == 0 }
	case reflect.Float32:
		return func(p unsafe.Pointer) bool { return *(*float32)(p) == 0 }
	}
	panic(fmt.Sprintf("parquetio: no optional column for %v", t))
}
