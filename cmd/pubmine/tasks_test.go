package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// mine runs the command line over a small sample and returns the corpus.
func mine(t *testing.T, args ...string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "C")
	args = append(
		[]string{"run", filepath.Join("..", "..", "testdata", "pubmed", "books.xml"), "--corpus", root},
		args...)
	if err := executed(t, context.Background(), args, streams{out: io.Discard, err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestEveryTaskOnTheTrunk(t *testing.T) {
	dir := jobstest.WriteModel(t, "ner", "relations", "summary")
	root := mine(t, "--model", dir, "--backend", "cpu")
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	rows := s.Counts().Rows
	if rows["mentions"] == 0 || rows["relations"] == 0 || rows["summaries"] == 0 || rows["rejects"] > 0 {
		t.Errorf("%v", rows)
	}
	if !strings.HasPrefix(s.Model(), "test@") {
		t.Errorf("model %q", s.Model())
	}
	shown := stdout(t, "show", "--corpus", root, strconv.Itoa(int(s.Units()[0].FirstPMID)))
	for _, want := range []string{"]Chemical", "Relations", " — CID → ", "Summary (extracted)"} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in %s", want, shown)
		}
	}
}

// Vectors need no head, and are made only if they are asked for.
func TestVectors(t *testing.T) {
	dir := jobstest.WriteModel(t, "ner")
	for tasks, want := range map[string]bool{"": false, "ner": false, "vectors": true, "ner,vectors": true} {
		args := []string{"--model", dir, "--backend", "cpu"}
		if tasks != "" {
			args = append(args, "--tasks", tasks)
		}
		c, err := corpus.Open(mine(t, args...))
		if err != nil {
			t.Fatal(err)
		}
		e, err := c.Current()
		if err != nil {
			t.Fatal(err)
		}
		rows := e.Counts().Rows
		if vectors := rows["vectors"]; (vectors > 0) != want || vectors > rows["documents"] {
			t.Errorf("tasks %q: %v", tasks, rows)
		}
		for _, f := range e.Files("vectors") {
			for row, err := range parquetio.Scan[schemas.VectorRow](c.Path(f)) {
				if err != nil || len(row.Vector) != jobstest.Hidden {
					t.Fatalf("%d values, %v", len(row.Vector), err)
				}
			}
		}
	}
}
