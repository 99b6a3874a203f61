package parquetio

import (
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// flat is a struct with the columns of T and without embedded structs. Rows are read into it
// because parquet-go 0.32.0 follows pointers inside an embedded struct too early: it reads null as
// a pointer to zero, the date 1970-01-01.
type flat[T any] struct {
	value reflect.Value // pointer to the struct
	index [][]int       // index in T of each of its fields
}

func newFlat[T any]() flat[T] {
	var f flat[T]
	var fields []reflect.StructField
	for _, field := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if !field.Anonymous {
			fields = append(fields, reflect.StructField{Name: field.Name, Type: field.Type, Tag: field.Tag})
			f.index = append(f.index, field.Index)
		}
	}
	f.value = reflect.New(reflect.StructOf(fields))
	return f
}

// schema returns the schema of the struct: T's columns in T's order.
func (f flat[T]) schema() *parquet.Schema { return parquet.SchemaOf(f.value.Interface()) }

// to copies the fields to row.
func (f flat[T]) to(row *T) {
	v := reflect.ValueOf(row).Elem()
	for i, index := range f.index {
		v.FieldByIndex(index).Set(f.value.Elem().Field(i))
	}
}
