package status

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// mine runs units into a corpus, without a model.
func mine(t testing.TB, root string, in pipeline.Source, o corpus.Options) {
	t.Helper()
	o.Direct = true
	sink, err := corpus.Create(root, corpus.Configuration{Schema: schemas.Version, Chunk: 4}, o)
	if err != nil {
		t.Fatal(err)
	}
	report, err := pipeline.Run(context.Background(), pipeline.Pipeline{
		Source: in, Preparer: pipelinetest.Preparer{Window: 2}, Sink: sink,
		Options: pipeline.Options{Chunk: 4, Workers: 2},
	})
	if err := errors.Join(err, sink.Close()); err != nil {
		t.Fatal(err)
	}
	if len(report.Failed) > 0 {
		t.Fatal(report.Failed[0].Err)
	}
}

func read(t testing.TB, r *Reader) *Status {
	t.Helper()
	st, err := r.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// unit returns a unit with random revisions of few records, deletions among them.
func unit(rng *rand.Rand, n int) pipelinetest.Unit {
	names := []string{"pubmed26n%04d", "pubmed26n%04d", "pubmed25n%04d", "reply-%d", "reply-%d"}
	u := pipelinetest.Unit{Name: fmt.Sprintf(names[rng.IntN(len(names))], n), Stamp: fmt.Sprint(n)}
	for range 1 + rng.IntN(6) {
		doc := pipelinetest.NewDocument(schemas.PMID(1+rng.IntN(9)), 1)
		doc.Version = 1 + rng.IntN(6)/4
		if day := rng.IntN(5); day > 0 {
			d := schemas.NewDate(2026, time.January, day)
			doc.Citation.DateRevised = &d
		}
		if rng.IntN(3) == 0 {
			doc = &schemas.Document{PMID: doc.PMID, Version: doc.Version, Deleted: true}
		}
		u.Records = append(u.Records, pipelinetest.Record{Document: doc})
	}
	return u
}

// naive counts the documents with corpus.Find.
func naive(t *testing.T, root string) *Documents {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	d := &Documents{Superseded: e.Counts().Rows["superseded"]}
	records, pmids := map[key]bool{}, map[schemas.PMID]bool{}
	for _, f := range e.Files("documents") {
		for row, err := range parquetio.Scan[schemas.DocumentRow](c.Path(f)) {
			if err != nil {
				t.Fatal(err)
			}
			k := key{uint32(row.PMID), int32(row.Version)}
			if records[k] {
				d.Superseded++
			}
			records[k], pmids[schemas.PMID(row.PMID)] = true, true
			if row.IsDeleted {
				d.Tombstones++
			}
		}
	}
	for pmid := range pmids {
		rows, err := c.Find(e, pmid)
		if err != nil {
			t.Fatal(err)
		}
		d.PMIDs++
		if rows.Documents[0].IsDeleted {
			d.Deleted++
		} else {
			d.Current++
		}
	}
	return d
}

// The numbers are those of Find, whatever revises what; a Reader that is asked again agrees.
func TestDocuments(t *testing.T) {
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		root := filepath.Join(storetest.QuickDir(t), "C")
		reader := NewReader(root)
		for n := 1; n < 12; {
			var in pipelinetest.Source
			for range 1 + rng.IntN(3) {
				in = append(in, unit(rng, n))
				n++
			}
			mine(t, root, in, corpus.Options{Pack: 100 * rng.IntN(2)})
			want := naive(t, root)
			for _, r := range []*Reader{reader, NewReader(root)} {
				if diff := cmp.Diff(want, read(t, r).Documents); diff != "" {
					t.Errorf("seed %d, %d units (-naive +status):\n%s", seed, n-1, diff)
				}
			}
		}
	}
}

func TestStatus(t *testing.T) {
	root := filepath.Join(storetest.QuickDir(t), "C")
	mine(t, root, pipelinetest.Source{}, corpus.Options{})
	st := read(t, NewReader(root))
	if st.Edition != 0 || st.Units != 0 || len(st.Problems) > 0 || *st.Documents != (Documents{}) {
		t.Errorf("an empty corpus: %+v", st)
	}
	mine(t, root, pipelinetest.Source{pipelinetest.NewUnit("a", 100, 20)}, corpus.Options{})
	st = read(t, NewReader(root))
	if st.Edition != 1 || st.Units != 1 || len(st.Problems) > 0 || st.Documents == nil || st.Disk.Data == 0 ||
		st.Editions[0].State != "current" {
		t.Errorf("%+v", st)
	}
	n := int64(0)
	err := Rejects(root, func(schemas.RejectRow) error { n++; return nil })
	if want := st.Counts.Rows["rejects"]; err != nil || n != want {
		t.Errorf("%d rejects of %d: %v", n, want, err)
	}
}

// A damaged corpus has a status, with what is wrong.
func TestProblems(t *testing.T) {
	root := filepath.Join(storetest.QuickDir(t), "C")
	mine(t, root, pipelinetest.Source{pipelinetest.NewUnit("a", 100, 20)}, corpus.Options{})
	damage := func(pattern string, cut func([]byte) []byte) {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f, cut(data), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	damage("delta/documents/a-*.parquet", func(b []byte) []byte { return b[:len(b)/2] })
	st := read(t, NewReader(root))
	problems := strings.Join(st.Problems, "\n")
	if st.Documents != nil || st.Units != 1 || !strings.Contains(problems, "has another size than was published") {
		t.Errorf("%+v: %s", st, problems)
	}
	damage("meta/[lc]o[gp]*/*.json", func(b []byte) []byte { return []byte("x" + string(b)) })
	st = read(t, NewReader(root))
	if st.Version != -1 || len(st.Problems) != 1 || !strings.Contains(st.Problems[0], "cannot be read") {
		t.Errorf("%+v", st)
	}
	if _, err := NewReader(t.TempDir()).Read(context.Background()); !errors.Is(err, corpus.ErrNotCorpus) {
		t.Errorf("got %v", err)
	}
}
