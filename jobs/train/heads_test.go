package train

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
	"github.com/pubmine/pubmine/schemas"
)

// oracle finds the names in the toy documents, with a probability of 0.95.
type oracle struct{}

func (oracle) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	for typ, names := range map[string]string{
		dataset.Chemical: "zorvaline quarxol mirbetan plontide", dataset.Disease: "tremor gout ataxia pox fever cramp",
	} {
		for _, n := range strings.Fields(names) {
			for _, w := range t.Words {
				if t.Body[w.Start:w.End] == n {
					a.Mentions = append(
						a.Mentions,
						schemas.Mention{
							ID: len(a.Mentions), Sentence: w.Sentence, Span: w.Span, Type: typ, Score: 0.95,
						},
					)
				}
			}
		}
	}
	return nil
}

// toyReader has two corpora of relations and a pool.
func toyReader(t *testing.T) *recipeReader {
	t.Helper()
	r := &recipeReader{progress: func(stage string, _, _ int, note string) { t.Log(stage, note) }}
	r.Data, r.Pool, r.Tasks = t.TempDir(), []string{"pool.jsonl"}, []string{"relations", "summary"}
	var all []dataset.Example
	for i, c := range []struct{ corpus, split, relation string }{
		{"bc5cdr", "train", "CID"}, {"bc5cdr", "dev", "CID"}, {"biored", "train", "Positive_Correlation"},
		{"biored", "dev", "Positive_Correlation"},
	} {
		text := strings.ReplaceAll(induced(40, uint64(i)), "\tCID\t", "\t"+c.relation+"\t")
		rules := dataset.PublicRules(c.corpus, c.split)
		rules.NotPMID = true
		examples, _, err := dataset.PubTator(strings.NewReader(text), rules)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, examples...)
	}
	r.hold(all)
	var pool bytes.Buffer
	for _, d := range reports(120, 4) {
		record := dataset.Record{Title: d.Title()}
		for _, section := range d.Sections[1:] {
			record.Sections = append(record.Sections, dataset.RecordSection{Label: section.Label, Text: section.Text})
		}
		if err := json.NewEncoder(&pool).Encode(record); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(r.Data, "pool"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.pool("pool.jsonl"), pool.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return r
}

// trainToyHeads trains the heads of the tasks of a recipe, with an oracle in place of the tag head.
func trainToyHeads(ctx context.Context, t *testing.T, r *recipeReader) (*trainer, error) {
	t.Helper()
	p := &plan{}
	for _, task := range r.Tasks {
		if err := r.addTask(ctx, p, task); err != nil {
			return nil, err
		}
	}
	trainer := &trainer{
		plan: p, progress: r.progress, prepare: plainPreparer(t), metadata: map[string]string{}, find: oracle{},
		outcome: Outcome{Score: score.Tables{}},
	}
	return trainer, trainer.trainTaskHeads(ctx)
}

// f1Of returns the micro-averaged F1 of a subject.
func f1Of(t *testing.T, o Outcome, subject score.Subject) float64 {
	t.Helper()
	return tableOf(t, o, subject).Micro().F1()
}

// tableOf returns the table of a subject.
func tableOf(t *testing.T, o Outcome, subject score.Subject) score.Table {
	t.Helper()
	table, ok := o.Score[subject]
	if !ok {
		t.Fatalf("%s was not measured", subject)
	}
	return table
}

func TestTaskHeads(t *testing.T) {
	trained, err := trainToyHeads(t.Context(), t, toyReader(t))
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if err := weights.Write(&data, trained.tensors, trained.metadata); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(data.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	found, err := heads.ReadRelations(f)
	if err != nil || len(found) != 2 || found[0].Types[1] != "Positive_Correlation" || found[1].Types[0] != "CID" {
		t.Errorf("%d relation heads, %v", len(found), err)
	}
	if head, err := heads.ReadSummary(f); err != nil || head.Labels != 1 {
		t.Errorf("summary head: %v", err)
	}
	for _, c := range []struct {
		subject score.Subject
		least   float64
	}{
		{score.Subject{Task: schemas.TaskRelations, Data: "bc5cdr/dev", Setting: "predicted mentions"}, 0.9},
		{score.Subject{Task: schemas.TaskRelations, Data: "bc5cdr/dev", Setting: "gold mentions"}, 0.9},
		{score.Subject{Task: schemas.TaskRelations, Data: "biored/dev", Setting: "gold mentions"}, 0.8},
		{
			score.Subject{
				Task: schemas.TaskSummary, Data: "structured abstracts, held out", Setting: "one sentence",
			}, 0.9,
		},
	} {
		if got := f1Of(t, trained.outcome, c.subject); got < c.least {
			t.Errorf("%+v: %.3f", c, got)
		}
	}
	baseline := score.Subject{
		Task: schemas.TaskRelations, Data: "bc5cdr/dev", Setting: "predicted mentions",
		Baseline: "co-occurrence in a sentence, as CID",
	}
	if got := tableOf(t, trained.outcome, baseline).Micro(); got != (score.Count{TP: 40, FP: 40}) {
		t.Errorf("every pair: %+v", got)
	}
}

func TestTaskHeadsErrors(t *testing.T) {
	r := toyReader(t)
	r.Tasks, r.Pool = []string{"summary"}, []string{"missing.jsonl"}
	if _, err := trainToyHeads(t.Context(), t, r); err == nil || !strings.Contains(err.Error(), "missing.jsonl") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Tasks = []string{"relations"}
	if _, err := trainToyHeads(ctx, t, r); err == nil {
		t.Error("training continues after cancellation")
	}
}

func TestInOneLine(t *testing.T) {
	subject := score.Subject{Task: schemas.TaskRelations, Data: "x", Setting: "gold mentions"}
	table := score.Table{"A": {TP: 1, FP: 1}, "B": {TP: 1}}
	baseline := subject
	baseline.Baseline = "every pair"
	got := inOneLine(score.Tables{subject: table, baseline: table})
	want := "relations, x, gold mentions: F1 80.0, A 66.7, B 100.0; " +
		"relations, x, gold mentions, baseline: every pair: F1 80.0"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
