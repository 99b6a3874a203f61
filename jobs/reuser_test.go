package jobs_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// runTasks mines the sample with tasks of the bundled model.
func runTasks(t *testing.T, root string, tasks ...string) jobs.Outcome {
	t.Helper()
	sample, err := sources.Files(filepath.Join("..", "testdata", "pubmed", "articles.xml"))
	if err != nil {
		t.Fatal(err)
	}
	components, err := jobs.Build(jobs.Request{Tasks: tasks})
	if err != nil {
		t.Fatal(err)
	}
	defer components.Close()
	done, err := jobs.Run(context.Background(), sample, components, jobs.RunOptions{Corpus: root})
	if err != nil || len(done.Report.Failed) > 0 {
		t.Fatal(err, done.Report.Failed)
	}
	return done
}

// One more task computes nothing but that task, and publishes the bytes of a run that computes all.
func TestOneMoreTaskReusesTheOthers(t *testing.T) {
	files := func(e *corpus.Edition) (all []corpus.File) {
		for _, table := range schemas.Tables() {
			all = append(all, e.Files(table.Name)...)
		}
		return all
	}
	root := t.TempDir()
	first := runTasks(t, root, schemas.TaskNER)
	second := runTasks(t, root, schemas.TaskNER, schemas.TaskRelations)
	if first.Report.Reused != 0 || first.Report.Encoded == 0 {
		t.Errorf("at first: %+v", first.Report)
	}
	if second.Report.Reused != first.Report.Encoded || second.Report.Encoded != 0 {
		t.Errorf("reused %d of %d, encoded %d", second.Report.Reused, first.Report.Encoded, second.Report.Encoded)
	}
	fresh := runTasks(t, t.TempDir(), schemas.TaskNER, schemas.TaskRelations)
	if diff := cmp.Diff(files(&fresh.Edition), files(&second.Edition)); diff != "" {
		t.Errorf("(-computed +reused):\n%s", diff)
	}
}
