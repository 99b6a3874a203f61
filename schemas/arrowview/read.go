package arrowview

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// readFunc sets v, a settable zero value, to element i of an array.
type readFunc func(a arrow.Array, i int, v reflect.Value)

// readFrom returns the readFunc of a column.
func readFrom(c column) readFunc {
	value := readValue(c.typ)
	if !c.nullable {
		return value
	}
	return func(a arrow.Array, i int, v reflect.Value) {
		if a.IsValid(i) {
			value(a, i, v)
		}
	}
}

func readValue(t reflect.Type) readFunc {
	switch t.Kind() {
	case reflect.Pointer:
		value := readValue(t.Elem())
		return func(a arrow.Array, i int, v reflect.Value) {
			v.Set(reflect.New(t.Elem()))
			value(a, i, v.Elem())
		}
	case reflect.Slice:
		element := readValue(t.Elem())
		return func(a arrow.Array, i int, v reflect.Value) {
			list := a.(*array.List)
			start, end := list.ValueOffsets(i)
			if start == end {
				return
			}
			elements := list.ListValues()
			v.Set(reflect.MakeSlice(t, int(end-start), int(end-start)))
			for j := range v.Len() {
				element(elements, int(start)+j, v.Index(j))
			}
		}
	case reflect.Struct:
		return readStruct(t)
	}
	return readLeaf
}

func readStruct(t reflect.Type) readFunc {
	cols := columns(t)
	values := make([]readFunc, len(cols))
	for i, c := range cols {
		values[i] = readFrom(c)
	}
	return func(a arrow.Array, i int, v reflect.Value) {
		s := a.(*array.Struct)
		for j, c := range cols {
			values[j](s.Field(j), i, v.FieldByIndex(c.index))
		}
	}
}

func readLeaf(a arrow.Array, i int, v reflect.Value) {
	switch a := a.(type) {
	case *array.String:
		v.SetString(strings.Clone(a.Value(i))) // the array's memory goes with the array
	case *array.Boolean:
		v.SetBool(a.Value(i))
	case *array.Int16:
		v.SetInt(int64(a.Value(i)))
	case *array.Int32:
		v.SetInt(int64(a.Value(i)))
	case *array.Int64:
		v.SetInt(a.Value(i))
	case *array.Date32:
		v.SetInt(int64(a.Value(i)))
	case *array.Float32:
		v.SetFloat(float64(a.Value(i)))
	default:
		panic(fmt.Sprintf("arrowview: no way to read from %T", a))
	}
}
