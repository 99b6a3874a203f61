package jobs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestListName(t *testing.T) {
	hash := regexp.MustCompile(`-[0-9a-f]{8}$`)
	for path, want := range map[string]string{
		"a/b.txt": "pmids-b", "b": "pmids-b", "x y+z.tar.gz": "pmids-x_y_z.tar", "κ.txt": "pmids-_",
		strings.Repeat("x", 300): "pmids-" + strings.Repeat("x", 100),
	} {
		if got := listName(path); hash.ReplaceAllString(got, "") != want || got == want {
			t.Errorf("%s: %s", path, got)
		}
	}
	abs, err := filepath.Abs("b.txt")
	if err != nil {
		t.Fatal(err)
	}
	if listName("b.txt") != listName(abs) || listName("b.txt") != listName("a/../b.txt") {
		t.Error("the name depends on how the path is given")
	}
	if listName("a/b.txt") == listName("b.txt") || listName("-") != "pmids-stdin" {
		t.Error("two lists have one name")
	}
	if got := planPath("query-1"); got != "meta/plans/query-1.json" {
		t.Error(got)
	}
}
