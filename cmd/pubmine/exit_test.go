package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

func TestExitCodes(t *testing.T) {
	bad := &schemas.BadInputError{Path: "a.xml", Err: errors.New("it is empty: fetch it again")}
	for _, test := range []struct {
		err  error
		code int
		out  string
	}{
		{nil, 0, ""},
		{errors.New("what: where"), 1, "pubmine: what: where\n"},
		{usage("--x %d: no", 3), 2, "pubmine: --x 3: no\n"},
		{rejectsError{share: 0.5, allowed: 0.05}, 3, "pubmine: rejects: 50.0% of the records"},
		{fmt.Errorf("unit a: %w", bad), 42, "pubmine: unit a: a.xml: it is empty: fetch it again\n"},
		{inputErrors{{Err: bad}, {Err: bad}}, 42, strings.Repeat("pubmine: bad input: a.xml: it is empty: fetch it again\n", 2)},
		{&pipeline.PanicError{Value: "oh", Stack: []byte("at x\n")}, 70, "pubmine: panic: oh\nThis is a bug of pubmine. Please report it with this trace:\nat x\n"},
		{&defect{value: "oh", stack: []byte("at x\n")}, 70, "pubmine: internal error: oh\nThis is a bug"},
		{fmt.Errorf("corpus C: %w", corpus.ErrLocked), 75, "pubmine: corpus C: another run is at work"},
		{fmt.Errorf("corpus C: %w", corpus.ErrNoSpace), 75, "pubmine: corpus C: "},
		{laterError{errors.New("pip: no network")}, 75, "pubmine: pip: no network\n"},
		{&jobs.StoppedError{Cause: errors.New("terminated")}, 75, "pubmine: stopped in good order: terminated: run the same command again to continue\n"},
		{fmt.Errorf("train: %w", context.Canceled), 75, "pubmine: train: context canceled\n"},
		{errors.Join(errors.New("one"), errors.New("two")), 1, "pubmine: one\npubmine: two\n"},
	} {
		var b bytes.Buffer
		if code := report(&b, test.err); code != test.code || !strings.HasPrefix(b.String(), test.out) {
			t.Errorf("%v: exit code %d, want %d; printed %q", test.err, code, test.code, b.String())
		}
	}
}

// A signal ends the context. What is said tells how to go on.
func TestStoppedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root := filepath.Join(t.TempDir(), "C")
	args := []string{"run", filepath.Join("..", "..", "testdata", "pubmed"), "--corpus", root, "--tasks", "none"}
	var out, said bytes.Buffer
	err := execute(ctx, args, streams{out: &out, err: &said})
	if code := report(&said, err); code != 75 || out.Len() > 0 {
		t.Errorf("exit code %d, printed %q", code, out.String())
	}
	if line := said.String(); !strings.HasSuffix(line, ": run the same command again to continue\n") ||
		strings.Count(line, "\n") != 1 {
		t.Errorf("said %q", line)
	}
	if err := execute(context.Background(), args, streams{out: &out, err: &said}); err != nil {
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
			Report:   pipeline.Report{Done: []string{"u"}, Skipped: []string{"gone"}},
			Snapshot: corpus.Snapshot{Units: slices.Clone([]corpus.Record{unit(test.documents, test.rejects)})},
		}
		if code := exitCode(checkOutcome(&o, test.allowed)); code != test.code {
			t.Errorf("%+v: exit code %d", test, code)
		}
	}
}
