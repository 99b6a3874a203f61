package schemas_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
)

var update = flag.Bool("update", false, "rewrite expected output")

// layout describes a column of a file.
type layout struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Arrow  string   `json:"arrow,omitempty"`
	Null   bool     `json:"null,omitempty"`
	Fields []layout `json:"fields,omitempty"`
}

func layouts(node parquet.Node) []layout {
	var all []layout
	for _, f := range node.Fields() {
		l := layout{Name: f.Name(), Null: f.Optional()}
		switch {
		case f.Leaf():
			l.Type = f.Type().String()
		case f.Type().String() == "LIST":
			l.Type = "list"
			l.Fields = layouts(f.Fields()[0])
		default:
			l.Type = "struct"
			l.Fields = layouts(f)
		}
		all = append(all, l)
	}
	return all
}

// Every column of every table, as a file to be read: a change of it is a change of schemas.Version.
func TestTables(t *testing.T) {
	tables := struct {
		Version int                 `json:"version"`
		Tables  map[string][]layout `json:"tables"`
	}{schemas.Version, map[string][]layout{}}
	for _, table := range schemas.Tables() {
		columns := layouts(parquet.SchemaOf(reflect.New(table.Row).Interface()))
		view := arrowview.Schema(table.Row)
		if view.NumFields() != len(columns) {
			t.Fatalf("%s: %d columns in Arrow, %d in Parquet", table.Name, view.NumFields(), len(columns))
		}
		for i, f := range view.Fields() {
			if f.Name != columns[i].Name || f.Nullable != columns[i].Null {
				t.Errorf("%s: column %d is %v in Arrow and %+v in Parquet", table.Name, i, f, columns[i])
			}
			columns[i].Arrow = f.Type.String()
		}
		if got := []string{columns[0].Name, columns[1].Name, columns[2].Name}; strings.Join(
			got, " ",
		) != "pmid version unit" {
			t.Errorf("%s begins with %v", table.Name, got)
		}
		tables.Tables[table.Name] = columns
	}
	got, err := json.MarshalIndent(tables, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", "tables.json")
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("rewrite with -update if this is meant: %s", diff)
	}
}
