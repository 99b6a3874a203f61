package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/status"
)

func TestStatusTable(t *testing.T) {
	day := time.Date(2026, 11, 5, 12, 0, 0, 0, time.Local)
	st := &status.Status{
		Corpus: "C", Version: 7, Changed: day, Edition: 1, Units: 1334, Partial: []string{"a", "b", "c", "d"},
		Documents: &status.Documents{Current: 1200, Deleted: 34, PMIDs: 1234, Tombstones: 40, Superseded: 56},
		Editions: []status.Edition{
			{ID: 1, State: "current", Waiting: true, Begun: day, Units: 4, Sync: []status.Release{{
				Release: "pubmed26", Files: 4, Through: "pubmed26n0002", Last: day, Next: "pubmed26n0003",
				Missing: []string{"pubmed26n0003", "pubmed26n0005", "pubmed26n0006", "pubmed26n0007", "-"},
			}}},
			{
				ID: 2, State: "building", Model: "m1@0", Tasks: []string{"ner", "relations"}, Begun: day, Units: 3,
				Sync: []status.Release{{Release: "pubmed27", Files: 1, Last: day, Next: "pubmed27n0001"}},
			},
		},
		Unfinished: []status.Unfinished{{Unit: "b", Chunks: 3}},
		Disk:       status.Disk{Data: 2e9, Replaced: 1e6, Log: 5e3},
		Problems:   []string{"one", "two", "three", "four"},
	}
	st.Counts.Add(nil)
	var b bytes.Buffer
	if err := statusTable(st).Write(&b); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), "rejects")
	_, got, _ = strings.Cut(got, "\n")
	want := `
current     1,200 documents; of 1,234 PMIDs 34 are deleted
superseded     56
tombstones     40
version     7, of 2026-11-05 12:00
units       1,334
partial     a, b, c, and 1 more, by --limit: a run without it completes them
edition 1   current, 4 units, model none, tasks none, begun 2026-11-05 12:00: readers see a part of its release
  release   pubmed26
  applied   4 of its files, all up to pubmed26n0002; the last on 2026-11-05 12:00
  missing   pubmed26n0003, pubmed26n0005, pubmed26n0006, and 2 more
  next      pubmed26n0003
edition 2   building, 3 units, model m1@0, tasks ner,relations, begun 2026-11-05 12:00: readers see edition 1
  release   pubmed27
  applied   1 of its files, but not the first; the last on 2026-11-05 12:00
  next      pubmed27n0001
unfinished  b, 3 chunks done: run the same command again to continue
disk        2.0 GB of data, 1.0 MB of replaced files (until gc), 5.0 kB of logs
problem     one
problem     two
problem     three
problem     and 1 more: run pubmine verify
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Error(diff)
	}
}

// sampleCorpus mines the sample without a model.
func sampleCorpus(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "C")
	stdout(t, "run", "--tasks", "none", "--corpus", root, "../../testdata/pubmed")
	return root
}

// JSON is the same for an empty corpus and for one with documents, with no null but documents.
func TestStatusJSON(t *testing.T) {
	root := sampleCorpus(t)
	var st map[string]any
	if err := json.Unmarshal([]byte(stdout(t, "status", "--json", "--corpus", root)), &st); err != nil {
		t.Fatal(err)
	}
	for name, v := range st {
		if v == nil {
			t.Errorf("%s is null", name)
		}
	}
	rejects := strings.Split(strings.TrimSpace(stdout(t, "status", "--rejects", "--corpus", root)), "\n")
	want := int(st["counts"].(map[string]any)["rows"].(map[string]any)["rejects"].(float64))
	if len(rejects) != want || strings.Count(rejects[0], "\t") != 5 {
		t.Errorf("%d rejects: %q", want, rejects)
	}
	lines := stdout(t, "status", "--rejects", "--json", "--corpus", root)
	var one reject
	if err := json.NewDecoder(strings.NewReader(lines)).Decode(&one); err != nil || one.Message == "" {
		t.Errorf("%+v of %s: %v", one, lines, err)
	}
}

// --watch prints one status after another until it is stopped, which is no error.
func TestStatusWatch(t *testing.T) {
	root := sampleCorpus(t)
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		args := []string{"status", "--watch", "--interval", "100ms", "--json", "--corpus", root}
		err := execute(ctx, args, streams{out: in, err: io.Discard})
		in.Close()
		done <- err
	}()
	lines := json.NewDecoder(out)
	for range 2 {
		var st status.Status
		if err := lines.Decode(&st); err != nil || st.Documents == nil {
			t.Fatalf("%+v: %v", st, err)
		}
	}
	stop()
	go io.Copy(io.Discard, out)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A problem is printed, and is the error.
func TestStatusOfADamagedCorpus(t *testing.T) {
	root := sampleCorpus(t)
	files, err := filepath.Glob(filepath.Join(root, "delta/documents/*-????????.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = execute(context.Background(), []string{"status", "--corpus", root}, streams{out: &b, err: io.Discard})
	if err == nil || !strings.Contains(b.String(), "is missing or not readable: run pubmine verify") {
		t.Errorf("%v: %s", err, b.String())
	}
}
