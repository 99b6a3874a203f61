package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
		{&pipeline.PanicError{Value: "oh", Stack: []byte("at x\n")}, 70, "pubmine: panic: oh\nThis is a defect of pubmine. Please report it with what follows.\nat x\n"},
		{&defect{value: "oh", stack: []byte("at x\n")}, 70, "pubmine: defect: oh\nThis is a defect"},
		{fmt.Errorf("corpus C: %w", corpus.ErrLocked), 75, "pubmine: corpus C: another run is at work"},
		{fmt.Errorf("corpus C: %w", corpus.ErrNoSpace), 75, "pubmine: corpus C: "},
		{laterError{errors.New("pip: no network")}, 75, "pubmine: pip: no network\n"},
		{stoppedError{errors.New("terminated")}, 75, "pubmine: stopped in good order: terminated: run the same command again to go on\n"},
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
	if line := said.String(); !strings.HasSuffix(line, ": run the same command again to go on\n") ||
		strings.Count(line, "\n") != 1 {
		t.Errorf("said %q", line)
	}
	if err := execute(context.Background(), args, streams{out: &out, err: &said}); err != nil {
		t.Fatal(err)
	}
}

// A run that is stopped between two chunks leaves the first for the next run, and status says so.
func TestStoppedBetweenChunks(t *testing.T) {
	root := filepath.Join(t.TempDir(), "C")
	input := filepath.Join(t.TempDir(), "many.xml")
	record := `<PubmedArticle><MedlineCitation><PMID Version="1">%d</PMID><Article><ArticleTitle>A title</ArticleTitle></Article></MedlineCitation></PubmedArticle>`
	var b strings.Builder
	b.WriteString("<PubmedArticleSet>")
	for i := range 400 {
		fmt.Fprintf(&b, record, i+1)
	}
	b.WriteString("</PubmedArticleSet>")
	if err := os.WriteFile(input, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() { // the signal: after the first checkpoint stands
		for {
			if found, _ := filepath.Glob(filepath.Join(root, "meta", "work", "*", "*.arrow")); len(found) > 0 {
				cancel(errors.New("terminated signal received"))
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	args := []string{"run", input, "--corpus", root, "--tasks", "ner", "--chunk", "8"}
	var out, said bytes.Buffer
	if code := report(&said, execute(ctx, args, streams{out: &out, err: &said})); code != 75 {
		t.Fatalf("exit code %d, said %q", code, said.String())
	}
	if want := "pubmine: stopped in good order: terminated signal received: run the same command again to go on\n"; said.String() != want {
		t.Errorf("said %q", said.String())
	}
	for _, step := range []struct{ args, want string }{
		{"status --corpus " + root, "unfinished"},
		{strings.Join(args, " "), "records from checkpoints"},
		{"status --corpus " + root, "documents  400"},
	} {
		out.Reset()
		if err := execute(context.Background(), strings.Fields(step.args), streams{out: &out, err: &said}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), step.want) {
			t.Errorf("%s: no %q in %s", step.args, step.want, out.String())
		}
	}
}

func TestParseTasks(t *testing.T) {
	for given, want := range map[string]string{
		"":                  "",
		"none":              "",
		"summary,ner":       "ner,summary",
		"relations,ner,ner": "ner,relations",
		"none,ner":          "error",
		"relations":         "relations",
		"NER":               "error",
	} {
		var names []string
		if given != "" {
			names = strings.Split(given, ",")
		}
		tasks, err := parseTasks(names)
		if err != nil {
			tasks = []string{"error"}
		}
		if got := strings.Join(tasks, ","); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

// Every stage that a run may go through has a version in the fingerprint.
func TestStages(t *testing.T) {
	for name, version := range stages() {
		if name == "" || version == "" {
			t.Errorf("stage %q has version %q", name, version)
		}
	}
	for _, task := range []string{"ner", "relations", "summary"} {
		if stages()[task] == "" {
			t.Errorf("no version of %s", task)
		}
	}
}

func TestVerdict(t *testing.T) {
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
		o := outcome{
			report:   pipeline.Report{Done: []string{"u"}, Skipped: []string{"gone"}},
			snapshot: corpus.Snapshot{Units: slices.Clone([]corpus.Record{unit(test.documents, test.rejects)})},
		}
		if code := exitCode(o.check(test.allowed)); code != test.code {
			t.Errorf("%+v: exit code %d", test, code)
		}
	}
}
