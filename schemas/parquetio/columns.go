package parquetio

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/parquet-go/parquet-go"
)

// batchRows is how many rows are taken apart before their values go to the columns. Each is some
// 1,000 values of 24 bytes.
const batchRows = 64

// A columnizer takes rows of a struct type apart into the values of each leaf column, as Dremel
// does (Melnik et al. 2010): every value with the level at which its list goes on, and the level
// down to which it is there. It reads the fields where they stand in memory, because a row of
// documents has a thousand values and reflection costs more than all that Parquet does with them.
type columnizer struct {
	row    takeFunc
	values [][]parquet.Value // of each leaf column
	rows   int               // that values holds
}

// levels are those of the value to come: the repetition level, the number of lists around it, and
// the definition level.
type levels struct{ repetition, depth, definition int }

// takeFunc appends what stands at p, or nulls if p is nil, to the columns below it.
type takeFunc func(values [][]parquet.Value, l levels, p unsafe.Pointer)

// newColumnizer panics on a type that no row struct has.
func newColumnizer(row reflect.Type) *columnizer {
	leaves := 0
	c := &columnizer{row: takeStruct(row, &leaves)}
	c.values = make([][]parquet.Value, leaves)
	return c
}

// takeRow takes the row at p apart. What its strings hold must not change until reset.
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

// take returns the takeFunc of a field. What is optional is null when it is zero, and one level
// deeper when it is there.
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

// takeStruct takes the fields in their order, those of embedded structs in their place.
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

// leafValue returns how a leaf is read, nil for a string: most are, and taken without a call.
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
