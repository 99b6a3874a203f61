package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/diff"
)

// perturbed returns a copy of the bundled model with other heads.
func perturbed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "model", "catalog", "bundled"))); err != nil {
		t.Fatal(err)
	}
	spoil(t, dir, "head.ner.bias", 4)
	spoil(t, dir, "head.relation.biored.bias", 2)
	return dir
}

// The comparison of the bundled model with a model that has other heads, in every form.
func TestDiffOfModels(t *testing.T) {
	root := filepath.Join(t.TempDir(), "C")
	sample := filepath.Join("..", "..", "testdata", "pubmed")
	stdout(t, "run", sample, "--corpus", root, "--backend", "cpu")
	_, printed := pubmine(t, exit.Misuse, "diff", "--corpus", root)
	contains(t, "one edition", printed, "corpus "+root+": it has only edition 1: a run with another model")
	stdout(t, "run", sample, "--corpus", root, "--backend", "cpu", "--model", perturbed(t))

	file := filepath.Join(t.TempDir(), "changes.parquet")
	text := stdout(t, "diff", "1", "2", "--corpus", root, "--output", file)
	contains(t, "diff", text, "edition 1 (kept), model bundled@",
		"documents  ", " compared, ", "| mentions ",
		"| relations ",
		"agreement (F1): ", "| documents that changed most |",
		"Examples, the highest scores first", "PMID 9")
	checkInert(t, "diff", text)

	var r diff.Result
	if err := json.Unmarshal([]byte(stdout(t, "diff", "--corpus", root, "--json")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Before.ID != 1 || r.After.ID != 2 || r.Identical || r.Documents.Compared != 40 || r.Documents.Changed == 0 {
		t.Errorf("%+v, %+v", r.Before, r.Documents)
	}
	rows, err := parquet.ReadFile[diff.Change](file)
	if err != nil {
		t.Fatal(err)
	}
	var changes int64
	for _, table := range r.Tables {
		changes += table.Lost + table.Gained + table.Changed + table.RetypedOut
	}
	if changes == 0 || int64(len(rows)) != changes {
		t.Errorf("%d rows, %d changes", len(rows), changes)
	}
	_, printed = pubmine(t, exit.Misuse, "diff", "--corpus", root, "--output", file)
	contains(t, "a file that exists", printed, file+" exists already: name another file, or remove it")
	if got := stdout(t, "diff", "1", "--corpus", root); !strings.Contains(got, "before     edition 1 (kept),") {
		t.Errorf("one number: %s", got)
	}
}
