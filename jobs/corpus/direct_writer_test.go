package corpus_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// What is written directly is, byte for byte, what goes through checkpoints, and the commit records
// are equal, however often records are revised, deleted and rejected within a unit.
func TestDirectWritesTheSameFiles(t *testing.T) {
	quick := storetest.QuickDir(t)
	rapid.Check(t, func(t *rapid.T) {
		var source pipelinetest.Source
		for i := range rapid.IntRange(1, 3).Draw(t, "units") {
			u := pipelinetest.Unit{Name: fmt.Sprintf("u%d", i), Stamp: "s"}
			for j := range rapid.IntRange(0, 14).Draw(t, "records") {
				pmid := schemas.PMID(rapid.IntRange(1, 6).Draw(t, "pmid"))
				record := pipelinetest.Record{Document: pipelinetest.NewDocument(pmid, j%3)}
				switch rapid.IntRange(0, 5).Draw(t, "kind") {
				case 0:
					record.Document = &schemas.Document{PMID: pmid, Version: 1, Deleted: true}
				case 1:
					record = pipelinetest.Record{
						Reject: &schemas.Reject{PMID: pmid, Stage: "decode", Kind: "malformed-xml", Message: "broken"},
					}
				}
				u.Records = append(u.Records, record)
			}
			source = append(source, u)
		}
		var trees [][]corpus.File
		var units [][]corpus.Record
		for _, direct := range []bool{false, true} {
			root, err := os.MkdirTemp(quick, "corpus")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(root)
			if _, err := mine(root, source, spec("m1"), corpus.Options{Direct: direct}); err != nil {
				t.Fatal(err)
			}
			c, err := corpus.Open(root)
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			var files []corpus.File
			for _, table := range schemas.Tables() {
				files = append(files, s.Seen().Files(table.Name)...)
			}
			trees, units = append(trees, files), append(units, s.Seen().Units())
		}
		if diff := cmp.Diff(trees[0], trees[1]); diff != "" {
			t.Errorf("files (-checkpoints +direct):\n%s", diff)
		}
		if diff := cmp.Diff(units[0], units[1]); diff != "" {
			t.Errorf("records (-checkpoints +direct):\n%s", diff)
		}
	})
}

// An input that breaks off leaves nothing behind, and the units after it are published.
func TestDirectGivesUpBrokenUnits(t *testing.T) {
	root := storetest.QuickDir(t)
	source := pipelinetest.Source{
		pipelinetest.NewUnit("a", 100, 9), pipelinetest.NewUnit("b", 200, 9), pipelinetest.NewUnit("c", 300, 9),
	}
	for _, i := range []int{0, 2} {
		source[i].Err = &schemas.BadInputError{Path: source[i].Name, Err: errors.New("truncated")}
	}
	report, err := mine(root, source, spec("m1"), corpus.Options{Direct: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Failed) != 2 || len(seen(t, root).Units()) != 1 {
		t.Errorf("failed %v, live %d", report.Failed, len(seen(t, root).Units()))
	}
	if left := tree(t, root, "meta/tmp"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	verify(t, root)
}
