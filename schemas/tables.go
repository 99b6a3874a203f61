package schemas

import (
	"reflect"
	"strings"
)

// Table is a table of a corpus: a field of Rows.
type Table struct {
	Name  string
	Row   reflect.Type // DocumentRow, …
	field int
}

// Tables lists the tables in the order of the fields of Rows.
func Tables() []Table {
	t := reflect.TypeFor[Rows]()
	tables := make([]Table, t.NumField())
	for i := range tables {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		tables[i] = Table{Name: name, Row: f.Type.Elem(), field: i}
	}
	return tables
}

// Len returns the number of the table's rows in r.
func (t Table) Len(r *Rows) int { return reflect.ValueOf(r).Elem().Field(t.field).Len() }

// Append appends the rows of every table of more to r.
func (r *Rows) Append(more Rows) {
	to, from := reflect.ValueOf(r).Elem(), reflect.ValueOf(more)
	for i := range to.NumField() {
		to.Field(i).Set(reflect.AppendSlice(to.Field(i), from.Field(i)))
	}
}
