package markdown_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/markdown"
)

func TestTable(t *testing.T) {
	g := markdown.NewTable("type", "F1", "found")
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
