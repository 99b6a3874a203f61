package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// last returns the current document of each PMID, without the name of the unit.
func last(t *testing.T, root string) map[int32]schemas.DocumentRow {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	documents := map[int32]schemas.DocumentRow{}
	for _, u := range s.History() {
		for pmid := u.FirstPMID; pmid <= u.LastPMID; pmid++ {
			rows, err := c.Find(s, pmid)
			if err != nil {
				t.Fatal(err)
			}
			if rows != nil {
				d := rows.Documents[0]
				d.Unit = ""
				documents[d.PMID] = d
			}
		}
	}
	return documents
}

// The views show the records of a later file in place of those that it revises.
func TestRevisedFile(t *testing.T) {
	const folder = "../shared/data/pubmed/julielab/jcore-jedis-integration-tests"
	files := make([]string, 2)
	for i, name := range []string{
		"pubmed21n1016_excerpt_original.xml.gz", "pubmed21n1016_excerpt_partially_changed.xml.gz",
	} {
		files[i] = filepath.Join("..", "..", filepath.FromSlash(folder), name)
		if _, err := os.Stat(files[i]); err != nil {
			t.Skipf("needs %s beside the repository", folder)
		}
	}
	mine := func(inputs ...string) map[int32]schemas.DocumentRow {
		root := filepath.Join(t.TempDir(), "C")
		var out bytes.Buffer
		args := append([]string{"run", "--corpus", root, "--tasks", "none"}, inputs...)
		if err := executed(t, context.Background(), args, streams{out: &out, err: &out}); err != nil {
			t.Fatal(err, out.String())
		}
		return last(t, root)
	}
	original, changed := mine(files[0]), mine(files[1])
	if cmp.Equal(original, changed) {
		t.Error("the files do not differ")
	}
	for pmid, d := range changed {
		original[pmid] = d
	}
	if diff := cmp.Diff(original, mine(files...)); diff != "" {
		t.Error(diff)
	}
}
