package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// A signal ends the context. The message explains how to continue.
func TestStoppedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root := filepath.Join(t.TempDir(), "C")
	args := []string{"run", filepath.Join("..", "..", "testdata", "pubmed"), "--corpus", root, "--tasks", "none"}
	var out, printed bytes.Buffer
	err := executed(t, ctx, args, streams{out: &out, err: &printed})
	if code := exit.Report(&printed, err); code != 75 || out.Len() > 0 {
		t.Errorf("exit code %d, printed %q", code, out.String())
	}
	if line := printed.String(); !strings.HasSuffix(line, ": run the same command again to continue\n") ||
		strings.Count(line, "\n") != 1 {
		t.Errorf("printed %q", line)
	}
	if err := executed(t, context.Background(), args, streams{out: &out, err: &printed}); err != nil {
		t.Fatal(err)
	}
}

func TestCheckOutcome(t *testing.T) {
	unit := func(documents, rejects int64) corpus.Record {
		return corpus.Record{
			Unit: "u", Counts: schemas.Counts{Rows: map[string]int64{"documents": documents, "rejects": rejects}},
		}
	}
	for _, test := range []struct {
		documents, rejects int64
		allowed            float64
		code               int
	}{{0, 0, 0, 0}, {95, 5, 0.05, 0}, {94, 6, 0.05, 3}, {0, 1, 0.99, 3}, {0, 1, 1, 0}, {1, 0, 0, 0}} {
		o := jobs.Outcome{
			Report: pipeline.Report{Done: []string{"u"}, Skipped: []string{"gone"}},
			Edition: corpus.Edition{Parts: []corpus.Part{
				{Name: "u", Units: []corpus.Record{unit(test.documents, test.rejects)}},
			}},
		}
		if code := exit.Code(checkOutcome(&o, test.allowed)); code != test.code {
			t.Errorf("%+v: exit code %d", test, code)
		}
	}
}
