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
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
)

// oracle finds the names that the toy documents are about, each with some doubt.
type oracle struct{}

func (oracle) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	for typ, names := range map[string]string{dataset.Chemical: "zorvaline quarxol mirbetan plontide", dataset.Disease: "tremor gout ataxia pox fever cramp"} {
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

// toySession has two corpora of relations and a pool.
func toySession(t *testing.T) *session {
	t.Helper()
	s := &session{
		prepare: plainPreparer(t), measured: score.Tables{},
		progress: func(stage string, _, _ int, note string) { t.Log(stage, note) },
	}
	s.Data, s.Recipe.Pool, s.Tasks = t.TempDir(), []string{"pool.jsonl"}, []string{"relations", "summary"}
	for i, c := range []struct{ corpus, split, relation string }{
		{"bc5cdr", "train", "CID"}, {"bc5cdr", "dev", "CID"}, {"biored", "train", "Positive_Correlation"}, {"biored", "dev", "Positive_Correlation"},
	} {
		text := strings.ReplaceAll(induced(40, uint64(i)), "\tCID\t", "\t"+c.relation+"\t")
		rules := dataset.PublicRules(c.corpus, c.split)
		rules.NotPMID = true
		examples, _, err := dataset.PubTator(strings.NewReader(text), rules)
		if err != nil {
			t.Fatal(err)
		}
		s.all = append(s.all, examples...)
	}
	s.held = dataset.NewHeldOut(s.all)
	var pool bytes.Buffer
	for _, d := range reports(120, 4) {
		r := dataset.Record{Title: d.Title()}
		for _, section := range d.Sections[1:] {
			r.Sections = append(r.Sections, dataset.RecordSection{Label: section.Label, Text: section.Text})
		}
		if err := json.NewEncoder(&pool).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.Data, "pool"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.pool("pool.jsonl"), pool.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTaskHeads(t *testing.T) {
	s := toySession(t)
	tensors, metadata, err := s.taskHeads(context.Background(), oracle{})
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if err := weights.Write(&data, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenBytes(data.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	judges, err := relation.ReadHeads(f)
	if err != nil || len(judges) != 2 || judges[0].Types[1] != "Positive_Correlation" || judges[1].Types[0] != "CID" {
		t.Errorf("%d relation heads, %v", len(judges), err)
	}
	if head, err := summary.ReadHead(f); err != nil || head.Labels != 1 {
		t.Errorf("summary head: %v", err)
	}
	relations := func(data, mentions, baseline string) score.Subject {
		return score.Subject{Task: schemas.TaskRelations, Data: data, Setting: mentions, Baseline: baseline}
	}
	for name, least := range map[score.Subject]float64{
		relations("bc5cdr/dev", "predicted mentions", ""): 0.9, relations("bc5cdr/dev", "gold mentions", ""): 0.9,
		relations("biored/dev", "gold mentions", ""):                                                 0.8,
		{Task: schemas.TaskSummary, Data: "structured abstracts, held out", Setting: "one sentence"}: 0.9,
	} {
		if got := s.measured[name].Micro().F1(); got < least {
			t.Errorf("%s: %.3f, want %.1f", name, got, least)
		}
	}
	pairs := relations("bc5cdr/dev", "predicted mentions", "co-occurrence in a sentence, as CID")
	if got := s.measured[pairs].Micro(); got != (score.Count{TP: 40, FP: 40}) {
		t.Errorf("every pair: %+v", got)
	}
}

func TestTaskHeadsErrors(t *testing.T) {
	s := toySession(t)
	s.Tasks = []string{"poems"}
	if _, _, err := s.taskHeads(context.Background(), oracle{}); err == nil ||
		!strings.Contains(err.Error(), `"poems"`) {
		t.Errorf("error %v", err)
	}
	s.Tasks, s.Recipe.Pool = []string{"summary"}, []string{"missing.jsonl"}
	if _, _, err := s.taskHeads(context.Background(), oracle{}); err == nil ||
		!strings.Contains(err.Error(), "missing.jsonl") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Tasks = []string{"relations"}
	if _, _, err := s.taskHeads(ctx, oracle{}); err == nil {
		t.Error("trains on after it is told to stop")
	}
}
