package arrowview

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// column is a field of a row struct.
type column struct {
	name     string
	index    []int // for reflect.Value.FieldByIndex
	typ      reflect.Type
	nullable bool
	date     bool
}

// columns lists the columns of a row struct in order, those of embedded structs in their place.
func columns(t reflect.Type) []column {
	var cols []column
	for f := range t.Fields() {
		if f.Anonymous {
			for _, c := range columns(f.Type) {
				c.index = append(slices.Clone(f.Index), c.index...)
				cols = append(cols, c)
			}
			continue
		}
		name, rest, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		options := strings.Split(rest, ",")
		cols = append(cols, column{
			name:     name,
			index:    f.Index,
			typ:      f.Type,
			nullable: f.Type.Kind() == reflect.Pointer || slices.Contains(options, "optional"),
			date:     slices.Contains(options, "date"),
		})
	}
	return cols
}

// Schema returns the Arrow schema of a row struct, such as schemas.Table.Row.
func Schema(row reflect.Type) *arrow.Schema { return arrow.NewSchema(fields(row), nil) }

func fields(t reflect.Type) []arrow.Field {
	var fs []arrow.Field
	for _, c := range columns(t) {
		fs = append(fs, arrow.Field{Name: c.name, Type: dataType(c.typ, c.date), Nullable: c.nullable})
	}
	return fs
}

// dataType panics on a type that no row struct has.
func dataType(t reflect.Type, date bool) arrow.DataType {
	switch t.Kind() {
	case reflect.Pointer:
		return dataType(t.Elem(), date)
	case reflect.String:
		return arrow.BinaryTypes.String
	case reflect.Bool:
		return arrow.FixedWidthTypes.Boolean
	case reflect.Int16:
		return arrow.PrimitiveTypes.Int16
	case reflect.Int32:
		if date {
			return arrow.FixedWidthTypes.Date32
		}
		return arrow.PrimitiveTypes.Int32
	case reflect.Int64:
		return arrow.PrimitiveTypes.Int64
	case reflect.Float32:
		return arrow.PrimitiveTypes.Float32
	case reflect.Slice:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: dataType(t.Elem(), false)})
	case reflect.Struct:
		return arrow.StructOf(fields(t)...)
	}
	panic(fmt.Sprintf("arrowview: no Arrow type for %v", t))
}
