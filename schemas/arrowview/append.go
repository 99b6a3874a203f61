package arrowview

import (
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// appendFunc appends one Go value to the builder of its column.
type appendFunc func(b array.Builder, v reflect.Value)

// appendTo returns the appendFunc of a column.
func appendTo(c column) appendFunc {
	value := appendValue(c.typ)
	if !c.nullable {
		return value
	}
	return func(b array.Builder, v reflect.Value) {
		if v.IsZero() {
			b.AppendNull()
			return
		}
		value(b, v)
	}
}

func appendValue(t reflect.Type) appendFunc {
	switch t.Kind() {
	case reflect.Pointer:
		value := appendValue(t.Elem())
		return func(b array.Builder, v reflect.Value) { value(b, v.Elem()) }
	case reflect.Slice:
		element := appendValue(t.Elem())
		return func(b array.Builder, v reflect.Value) {
			list := b.(*array.ListBuilder)
			list.Append(true)
			elements := list.ValueBuilder()
			for i := range v.Len() {
				element(elements, v.Index(i))
			}
		}
	case reflect.Struct:
		return appendStruct(t)
	}
	return appendLeaf
}

func appendStruct(t reflect.Type) appendFunc {
	cols := columns(t)
	values := make([]appendFunc, len(cols))
	for i, c := range cols {
		values[i] = appendTo(c)
	}
	return func(b array.Builder, v reflect.Value) {
		s := b.(*array.StructBuilder)
		s.Append(true)
		for i, c := range cols {
			values[i](s.FieldBuilder(i), v.FieldByIndex(c.index))
		}
	}
}

func appendLeaf(b array.Builder, v reflect.Value) {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(v.String())
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.Int16Builder:
		b.Append(int16(v.Int()))
	case *array.Int32Builder:
		b.Append(int32(v.Int()))
	case *array.Int64Builder:
		b.Append(v.Int())
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.Int()))
	case *array.Float32Builder:
		b.Append(float32(v.Float()))
	default:
		panic(fmt.Sprintf("arrowview: no way to append to %T", b))
	}
}
