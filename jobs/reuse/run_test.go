package reuse_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/reuse"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/stages/answer"
)

// bundled returns the components of every task of the bundled model.
func bundled(t *testing.T) *jobs.Components {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the bundled model")
	}
	q, err := answer.NewQuestion("Did patients get the treatment in this study?")
	if err != nil {
		t.Fatal(err)
	}
	c, err := jobs.Build(jobs.Request{Model: "bundled", Backend: "cpu", Questions: []answer.Question{q}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// mine runs a source into a new corpus, with the results of other corpora that were made under
// digests.
func mine(
	t *testing.T, c *jobs.Components, source pipeline.Source, digests map[string]string, others ...string,
) (root string, report pipeline.Report) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "C")
	sink, err := corpus.Create(root, c.Configuration, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	p := c.Pipeline()
	p.Source, p.Sink = source, sink
	if len(others) > 0 {
		var parts []reuse.Part
		for _, other := range others {
			parts = append(parts, partsOf(t, other, digests)...)
		}
		p.Reuser = newReuser(t, c.Configuration.Parts, parts...)
	}
	report, err = pipeline.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return root, report
}

// editionOf returns a corpus and its current edition.
func editionOf(t *testing.T, root string) (*corpus.Corpus, *corpus.Edition) {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	edition, err := c.Current()
	if err != nil || edition == nil {
		t.Fatalf("edition %v, %v", edition, err)
	}
	return c, edition
}

// partsOf returns the parts of a corpus.
func partsOf(t *testing.T, root string, digests map[string]string) (parts []reuse.Part) {
	t.Helper()
	c, edition := editionOf(t, root)
	for _, p := range edition.Parts {
		paths := map[string]string{}
		for _, f := range p.Files {
			paths[f.Table] = c.Path(f)
		}
		part := reuse.Part{Path: func(table string) string { return paths[table] }, Parts: digests}
		for _, u := range p.Units { // one: nothing is compacted here
			part.FirstPMID, part.LastPMID, part.Sequence = u.FirstPMID, u.LastPMID, u.Sequence
		}
		parts = append(parts, part)
	}
	return parts
}

// compareTables fails the test unless two corpora have the same files.
func compareTables(t *testing.T, want, got string) {
	t.Helper()
	files := func(root string) map[string]string {
		sums := map[string]string{}
		_, edition := editionOf(t, root)
		for _, p := range edition.Parts {
			for _, f := range p.Files {
				sums[p.Name+" "+f.Table] = f.SHA256
			}
		}
		return sums
	}
	if diff := cmp.Diff(files(want), files(got)); diff != "" {
		t.Errorf("files differ (-computed +reused):\n%s", diff)
	}
}

// A second run over the sample with the results of the first gives the same files, and computes
// only the tasks that have changed.
func TestReuseOfSample(t *testing.T) {
	c := bundled(t)
	source, err := sources.Files(filepath.Join("..", "..", "testdata", "pubmed"))
	if err != nil {
		t.Fatal(err)
	}
	first, computed := mine(t, c, source, nil)
	for name, test := range map[string]struct {
		changed []string
		encodes bool
	}{
		"nothing":                        {nil, false},
		"relation head, without a trunk": {[]string{schemas.TaskRelations}, false},
		"summary head, without a trunk":  {[]string{schemas.TaskSummary}, false},
		"mentions, on which the others depend": {
			[]string{schemas.TaskNER, schemas.TaskLinking, schemas.TaskRelations}, true,
		},
		"vocabulary": {[]string{schemas.TaskLinking, schemas.TaskRelations}, false},
	} {
		digests := maps.Clone(c.Configuration.Parts)
		for _, task := range test.changed {
			digests[task] = "other"
		}
		second, reused := mine(t, c, source, digests, first)
		compareTables(t, first, second)
		if reused.Reused == 0 || (reused.Encoded > 0) != test.encodes || reused.Encoded > computed.Encoded {
			t.Errorf("%s: reused %d and encoded %d of %d", name, reused.Reused, reused.Encoded, computed.Encoded)
		}
	}
}

// abstracts returns real abstracts as a unit. They are not part of the repository.
func abstracts(t *testing.T, n int) pipelinetest.Unit {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "pool", "abstracts.jsonl.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("needs the shared data")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	u := pipelinetest.Unit{Name: "abstracts"}
	for lines := json.NewDecoder(in); len(u.Records) < n; {
		var line struct{ Title, Abstract string }
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		u.Records = append(u.Records, pipelinetest.Record{Document: &schemas.Document{
			PMID: schemas.PMID(len(u.Records) + 1), Version: 1, Sections: []schemas.Section{
				{Kind: schemas.KindTitle, Text: line.Title}, {Kind: schemas.KindAbstract, Text: line.Abstract},
			},
		}})
	}
	return u
}

// A revised file of which 5% of the texts have changed gives the same files as without results of
// the file before, and only these 5% go through the trunk.
func TestReuseOfRevisedFile(t *testing.T) {
	c := bundled(t)
	old := abstracts(t, 300)
	revised := abstracts(t, 300)
	for i, r := range revised.Records {
		r.Document.Version, r.Document.Citation.Journal = 2, "J"
		if i%20 == 7 {
			r.Document.Sections[0].Text += " A revision of β-catenin."
		}
	}
	first, computed := mine(t, c, pipelinetest.Source{old}, nil)
	want, _ := mine(t, c, pipelinetest.Source{revised}, nil)
	got, reused := mine(t, c, pipelinetest.Source{revised}, c.Configuration.Parts, first)
	compareTables(t, want, got)
	if computed.Encoded != 300 || reused.Reused != 285 || reused.Encoded != 15 {
		t.Errorf("encoded %d, then reused %d and encoded %d", computed.Encoded, reused.Reused, reused.Encoded)
	}
}
