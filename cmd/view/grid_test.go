package view_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/view"
)

func TestGrid(t *testing.T) {
	g := view.NewGrid("type", "F1", "found")
	g.Row("Gene", "9.5", "1,234")
	g.Row("β|x", "100.0")
	var b strings.Builder
	if err := g.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `| type |    F1 | found |
| ---- | ----: | ----: |
| Gene |   9.5 | 1,234 |
| β\|x | 100.0 |       |
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
