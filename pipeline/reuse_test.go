package pipeline_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// rejecting adds a reject to each document, under the name of the task.
type rejecting struct{ pipeline.StateReader }

func (k rejecting) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	a.Rejects = append(a.Rejects, schemas.Reject{Stage: k.Name(), Kind: "odd", Message: "made so"})
	return k.StateReader.Annotate(t, s, a)
}

// reading is a Task that reads states.
type reading struct{ pipelinetest.Task }

func (reading) ReadsStates() bool { return true }

// independent returns a run whose results of a document do not depend on the others, with three
// tasks: one reads states, one reads what the first found, one generates.
func independent(store *pipelinetest.Store) pipeline.Pipeline {
	p := calm(store)
	p.Encoder = &pipelinetest.Encoder{Width: 3, Alone: true}
	p.Generator = &pipelinetest.Generator{Alone: true}
	p.Tasks = []pipeline.Task{
		rejecting{reading{pipelinetest.Task{Label: schemas.TaskNER}}},
		rejecting{pipelinetest.Summarizer{Label: schemas.TaskSummary}},
		pipelinetest.Prompter{Label: schemas.TaskAnswers},
	}
	return p
}

// known returns the results of some tasks for a document, from its rows.
func known(t rapid.TB, doc *schemas.Document, rows *schemas.Rows, tasks []string) *pipeline.Reused {
	t.Helper()
	a, err := schemas.AnnotationsOf(doc, rows)
	if err != nil {
		t.Fatal(err)
	}
	a.Only(tasks...)
	return &pipeline.Reused{Annotations: a, Tasks: tasks}
}

// Whichever results are reused, the rows are those of a run that computes everything, and only
// documents that need it are encoded.
func TestReusedResultsGiveTheSameRows(t *testing.T) {
	store := pipelinetest.NewStore()
	mustRun(t, independent(store))
	units := []string{"a", "b", "c"}
	want := published(t, store, units...)
	old := map[int32]*schemas.Rows{}
	for _, records := range want {
		for i, rows := range records {
			if len(rows.Documents) > 0 {
				old[rows.Documents[0].PMID] = &records[i]
			}
		}
	}
	names := []string{schemas.TaskNER, schemas.TaskSummary, schemas.TaskAnswers}
	rapid.Check(t, func(rt *rapid.T) {
		// A choice of tasks for each PMID modulo 7; nil: the document is not known.
		var choices [][]string
		for range 7 {
			drawn := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(rt, "tasks")
			choices = append(choices, drawn)
		}
		unknown := rapid.Bool().Draw(rt, "documents without results are unknown")
		reused, encoded := 0, 0
		p := independent(pipelinetest.NewStore())
		p.Reuser = &pipelinetest.Reuser{Known: func(doc *schemas.Document) *pipeline.Reused {
			tasks := choices[doc.PMID%7]
			if doc.Deleted {
				rt.Errorf("asked for deletion %d", doc.PMID)
			}
			if len(tasks) > 0 {
				reused++
			}
			if len(doc.Sections) > 0 &&
				(!slices.Contains(tasks, schemas.TaskNER) || !slices.Contains(tasks, schemas.TaskAnswers)) {
				encoded++
			}
			if len(tasks) == 0 && unknown {
				return nil
			}
			return known(rt, doc, old[int32(doc.PMID)], tasks)
		}}
		p.Options.Workers = rapid.IntRange(1, 4).Draw(rt, "workers")
		store := pipelinetest.NewStore()
		p.Sink = pipelinetest.Sink{Store: store}
		report := mustRun(t, p)
		if got := published(t, store, units...); !reflect.DeepEqual(want, got) {
			rt.Fatalf("(-computed +reused):\n%s", cmp.Diff(want, got))
		}
		if report.Reused != reused || report.Encoded != encoded || report.Records != 47 {
			rt.Errorf("%d reused and %d encoded, not %d and %d", report.Reused, report.Encoded, reused, encoded)
		}
	})
}

// Nothing is prepared or encoded if all is reused, and there may be no encoder.
func TestReuseOfEverything(t *testing.T) {
	store := pipelinetest.NewStore()
	mustRun(t, independent(store))
	want := published(t, store, "a")["a"]
	p := independent(pipelinetest.NewStore())
	p.Source = p.Source.(pipelinetest.Source)[:1]
	p.Preparer, p.Encoder, p.Generator = nil, nil, nil
	p.Reuser = &pipelinetest.Reuser{Known: func(doc *schemas.Document) *pipeline.Reused {
		return known(t, doc, &want[doc.PMID-100], []string{schemas.TaskNER, schemas.TaskSummary, schemas.TaskAnswers})
	}}
	if report := mustRun(t, p); report.Encoded != 0 || report.Reused == 0 || report.Counts.Rows["mentions"] == 0 {
		t.Errorf("%+v", report)
	}
}

// Checkpointed chunks are not asked for.
func TestReuserIsAskedForMissingChunks(t *testing.T) {
	store, boom := pipelinetest.NewStore(), errors.New("boom")
	asked := map[schemas.PMID]int{}
	run := func() error {
		p := independent(store)
		p.Reuser = &pipelinetest.Reuser{Known: func(doc *schemas.Document) *pipeline.Reused {
			asked[doc.PMID]++
			return nil
		}}
		_, err := pipeline.Run(t.Context(), p)
		return err
	}
	store.Fail = func(op, _ string, _ int) error {
		if op == "commit" {
			return boom
		}
		return nil
	}
	if err := run(); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	store.Fail = nil
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if asked[100] != 1 || asked[309] == 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestReuserThatFailsStopsTheRun(t *testing.T) {
	boom := errors.New("boom")
	nothing := func(*schemas.Document) *pipeline.Reused { return nil }
	for at := 1; at <= 3; at++ {
		store := pipelinetest.NewStore()
		p := independent(store)
		p.Reuser = &pipelinetest.Reuser{Known: nothing, Fail: func(call int) error {
			if call == at {
				return boom
			}
			return nil
		}}
		if _, err := pipeline.Run(t.Context(), p); !errors.Is(err, boom) ||
			!strings.Contains(err.Error(), "unit a: read earlier results") {
			t.Errorf("call %d: got %v", at, err)
		}
		if _, ok := store.Published("a"); ok {
			t.Errorf("call %d: a is published", at)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	p := independent(pipelinetest.NewStore())
	p.Reuser = &pipelinetest.Reuser{Known: nothing, Fail: func(int) error { cancel(boom); return nil }}
	if _, err := pipeline.Run(ctx, p); !errors.Is(err, boom) || !strings.Contains(err.Error(), "in good order") {
		t.Errorf("got %v", err)
	}
	p = independent(pipelinetest.NewStore())
	p.Reuser = forgetting{}
	if _, err := pipeline.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "0 for 8 documents") {
		t.Errorf("got %v", err)
	}
}

// forgetting is a Reuser that returns too few results.
type forgetting struct{}

func (forgetting) Reuse(context.Context, schemas.Unit, []*schemas.Document) ([]*pipeline.Reused, error) {
	return nil, nil
}
