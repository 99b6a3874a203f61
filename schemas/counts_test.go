package schemas_test

import (
	"testing"

	"github.com/pubmine/pubmine/schemas"
)

func TestCountsMerge(t *testing.T) {
	var a, b schemas.Counts
	a.Add(nil)
	b.Merge(a)
	b.Mentions["Gene"] = 2
	a.Merge(b)
	a.Merge(b)
	if len(a.Rows) != len(schemas.Tables()) {
		t.Errorf("%d tables", len(a.Rows))
	}
	if a.Mentions["Gene"] != 4 || b.Mentions["Gene"] != 2 || a.Rows["documents"] != 0 {
		t.Errorf("%+v, %+v", a, b)
	}
}
