package vocabulary

import (
	"io"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
)

// readTSV reads a table with tabs. Its columns are those of the recipe, or of its first line; of
// that, columns that are not in Columns are skipped.
func readTSV(in *input, s Source, _ []string, emit func(item)) error {
	columns, separator := s.Columns, s.Separator
	if separator == "" {
		separator = "|"
	}
	if len(columns) == 0 {
		line, err := in.next()
		if err == io.EOF {
			return in.fail("it is empty")
		}
		if err != nil {
			return err
		}
		columns = strings.Split(strings.TrimPrefix(line, "#"), "\t")
		if !slices.Contains(columns, "id") {
			return in.fail("no column is called id: name the columns in the recipe (\"columns\")")
		}
	}
	return in.each(func(line string) error {
		if in.line <= s.Skip {
			return nil
		}
		if line == "" || strings.HasPrefix(line, "#") {
			return nil
		}
		fields := strings.Split(line, "\t")
		if len(fields) > len(columns) {
			return in.fail("%d columns, more than the %d of the recipe or the first line", len(fields), len(columns))
		}
		var x item
		for i, field := range fields {
			values := []string{field}
			if columns[i] != "name" {
				values = strings.Split(field, separator)
			}
			x.set(columns[i], field, values, s.Prefix)
		}
		if x.ID != "" { // a line without an identifier names nothing that can be referred to
			emit(x)
		}
		return nil
	})
}

func (x *item) set(column, field string, values []string, prefix string) {
	switch column {
	case "id":
		if field != "" {
			x.ID = identifier(prefix, field)
		}
	case "name", "synonym":
		x.add(0, values...)
	case "symbol":
		x.add(vocabulary.Symbol, values...)
	case "tree":
		if field != "" {
			x.Trees = values
		}
	case "parent":
		x.Parents = identifiers(prefix, strings.FieldsFunc(field, func(r rune) bool { return r == ',' || r == '|' }))
	case "xref":
		x.xrefs = identifiers("", values)
	case "species":
		if field != "" {
			x.Species = identifier("NCBITaxon:", field)
		}
	case "kind":
		x.kind = field
	case "retired":
		x.Other = identifiers(prefix, values)
	}
}
