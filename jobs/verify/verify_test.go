package verify_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/jobs/verify"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// settings are those of mine.
func settings(model string) corpus.Configuration {
	return corpus.Configuration{
		Schema: schemas.Version, Model: model, ModelDigest: model, Tasks: []string{"ner"}, Chunk: 4, GroupTokens: 100,
	}
}

// source has units with tombstones, rejects, and records that a later one of their unit revises or
// deletes.
func source() pipelinetest.Source {
	revised := pipelinetest.NewUnit("revised", 300, 9)
	for _, i := range []int{2, 0, 2} {
		doc := *pipelinetest.NewDocument(schemas.PMID(300+i), 2)
		revised.Records = append(revised.Records, pipelinetest.Record{Document: &doc})
	}
	revised.Records = append(revised.Records, pipelinetest.Record{
		Document: &schemas.Document{PMID: 301, Version: 1, Deleted: true},
	})
	return pipelinetest.Source{pipelinetest.NewUnit("a", 100, 20), pipelinetest.NewUnit("b", 200, 0), revised}
}

// mine runs units into a corpus.
func mine(t testing.TB, root string, in pipeline.Source, model string, o corpus.Options) {
	t.Helper()
	c := settings(model)
	p := pipeline.Pipeline{
		Source: in, Preparer: pipelinetest.Preparer{Window: 2}, Encoder: &pipelinetest.Encoder{Width: 2},
		Tasks: []pipeline.Task{pipelinetest.Task{Label: "Chemical"}}, Model: model,
		Options: pipeline.Options{Chunk: c.Chunk, GroupTokens: c.GroupTokens, Workers: 2},
	}
	if o.Direct {
		p.Encoder, p.Tasks, c.Tasks = nil, nil, nil
	}
	sink, err := corpus.Create(root, c, o)
	if err != nil {
		t.Fatal(err)
	}
	p.Sink = sink
	report, err := pipeline.Run(context.Background(), p)
	if err := errors.Join(err, sink.Close()); err != nil {
		t.Fatal(err)
	}
	if len(report.Failed) > 0 {
		t.Fatal(report.Failed[0].Err)
	}
}

func check(t testing.TB, root string, o verify.Options) *verify.Report {
	t.Helper()
	r, err := verify.Check(context.Background(), root, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func intact(t testing.TB, root string) *verify.Report {
	t.Helper()
	r := check(t, root, verify.Options{})
	for _, p := range r.Problems {
		t.Error(p)
	}
	return r
}

// A corpus is intact after runs of every kind.
func TestIntact(t *testing.T) {
	for name, run := range map[string]func(root string){
		"checkpoints":  func(root string) { mine(t, root, source(), "m1", corpus.Options{}) },
		"direct":       func(root string) { mine(t, root, source(), "", corpus.Options{Direct: true}) },
		"limited":      func(root string) { mine(t, root, pipeline.Limit(source(), 7), "m1", corpus.Options{}) },
		"all limited":  func(root string) { mine(t, root, pipeline.Limit(source(), 1000), "m1", corpus.Options{}) },
		"limited to 0": func(root string) { mine(t, root, pipeline.Limit(source(), 0), "m1", corpus.Options{}) },
		"packs": func(root string) {
			mine(t, root, source(), "m1", corpus.Options{Pack: 100})
		},
		"compacted": func(root string) {
			mine(t, root, source(), "m1", corpus.Options{})
			m, err := corpus.Manage(root, corpus.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Compact(context.Background(), 1<<30, false); err != nil {
				t.Fatal(err)
			}
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"two editions": func(root string) {
			mine(t, root, source(), "m1", corpus.Options{})
			mine(t, root, source()[:2], "m2", corpus.Options{})
		},
	} {
		root := storetest.QuickDir(t)
		run(root)
		t.Run(name, func(t *testing.T) { intact(t, root) })
	}
}

func TestCheckIsInterrupted(t *testing.T) {
	root := storetest.QuickDir(t)
	mine(t, root, source(), "m1", corpus.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := verify.Check(ctx, root, verify.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestProgress(t *testing.T) {
	root := storetest.QuickDir(t)
	mine(t, root, source(), "m1", corpus.Options{})
	var done, all int64
	r := check(t, root, verify.Options{Progress: func(d, a int64) {
		if d < done {
			t.Errorf("%d bytes after %d", d, done)
		}
		done, all = d, a
	}})
	if done != all || all != r.Bytes || r.Files == 0 {
		t.Errorf("%d of %d bytes, %+v", done, all, r)
	}
}

// Rows of an edition that another version of the tables made are not read.
func TestOtherTables(t *testing.T) {
	root := storetest.QuickDir(t)
	c := settings("m1")
	c.Schema = 1
	sink, err := corpus.Create(root, c, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Run(context.Background(), pipeline.Pipeline{
		Source: source()[:1], Preparer: pipelinetest.Preparer{}, Sink: sink, Options: pipeline.Options{Chunk: 4},
	})
	if err := errors.Join(err, sink.Close()); err != nil {
		t.Fatal(err)
	}
	r := intact(t, root)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "rows were not checked") {
		t.Errorf("notes %q", r.Notes)
	}
	if r := check(t, root, verify.Options{Quick: true}); len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestPlans(t *testing.T) {
	root := storetest.QuickDir(t)
	mine(t, root, source(), "m1", corpus.Options{})
	for _, name := range []string{"query-0123456789ab.json", "notes.txt"} {
		path := filepath.Join(root, "meta", "plans", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got := check(t, root, verify.Options{Quick: true}).Problems
	if len(got) != 2 || !strings.Contains(got[0].What, "move it away") || !strings.Contains(got[1].What, "remove it") {
		t.Errorf("%v", got)
	}
}
