package jobs

import (
	"strings"
	"testing"
)

func TestListName(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.txt": "pmids-b", "b": "pmids-b", "x y+z.tar.gz": "pmids-x_y_z.tar", "κ.txt": "pmids-_", strings.Repeat(
			"x", 300,
		): "pmids-" + strings.Repeat("x", 100),
	} {
		if got := listName(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := planPath("query-1"); got != "meta/plans/query-1.json" {
		t.Error(got)
	}
}
