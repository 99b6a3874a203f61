package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/pubmine/pubmine/jobs/diff"
)

// upgrade returns the result that package diff expects for its example.
func upgrade(t *testing.T) *diff.Result {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "jobs", "diff", "testdata", "upgrade.golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r diff.Result
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestDiff(t *testing.T) {
	r := upgrade(t)
	r.Tables = append(r.Tables, diff.Table{Name: "vectors", OnlyIn: 1, Rows: 1234})
	r.Units.OnlyBefore, r.Units.PartialBefore, r.Units.PartialAfter = 3, 1, 2
	var b bytes.Buffer
	if err := (Diff{"C", r}).Write(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "diff.txt", b.String())
	if regexp.MustCompile(`[\x00-\x09\x0b-\x1f]`).Match(b.Bytes()) {
		t.Errorf("it acts on a terminal: %q", b.String())
	}
	if err := (Diff{"C", r}).Write(closed{}); !errors.Is(err, errClosed) {
		t.Errorf("error %v", err)
	}
}

func TestIdenticalDiff(t *testing.T) {
	r := &diff.Result{
		Before: diff.Edition{ID: 1}, After: diff.Edition{ID: 3}, Identical: true,
		Documents: diff.Documents{Compared: 1234},
		Tables:    []diff.Table{{Name: "mentions", Counts: diff.Counts{Before: 5678, After: 5678}}},
	}
	var b bytes.Buffer
	err := Diff{"C", r}.Write(&b)
	want := "corpus C: editions 1 and 3 do not differ: 1,234 documents, 5,678 mentions are the same\n"
	if got := b.String(); err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{"βββ": "βββ", "βββββ": "βββ…", "ββ ββ": "ββ…", "": ""} {
		if got := shorten(text, 4); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
