package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/text"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// words is a Preparer whose documents have a token, so that tasks run.
type words struct{}

func (words) Prepare(d *schemas.Document) *model.Text {
	t := text.Sentences{}.Prepare(d)
	t.Tokens = []model.Token{{ID: 4, Span: schemas.Span{Start: 0, End: 1}}}
	return t
}

// task annotates as its function does.
type task struct {
	name string
	do   func(t *model.Text, a *schemas.Annotations) error
}

func (t task) Name() string { return t.name }
func (t task) Annotate(x *model.Text, _ model.States, a *schemas.Annotations) error {
	return t.do(x, a)
}

// capitals finds every word of capitals as a Tool of score 0.75, "A" excepted.
func capitals(t *model.Text, a *schemas.Annotations) error {
	at := 0
	for _, w := range strings.SplitAfter(t.Body, " ") {
		name := strings.Trim(w, " .")
		if len(name) > 1 && name == strings.ToUpper(name) {
			m := schemas.Mention{
				ID: len(a.Mentions), Span: schemas.Span{Start: at, End: at + len(name)}, Type: "Tool",
				Score: 0.75,
			}
			for i, s := range t.Sentences {
				if s.Start <= at && at < s.End {
					m.Sentence, m.Section = i, s.Section
				}
			}
			a.Mentions = append(a.Mentions, m)
		}
		at += len(w)
	}
	return nil
}

// neighbours relates every mention to the next.
func neighbours(_ *model.Text, a *schemas.Annotations) error {
	for i := 1; i < len(a.Mentions); i++ {
		a.Relations = append(
			a.Relations,
			schemas.Relation{
				Type: "Beside", Subject: i - 1, Object: i, Sentence: -1, Score: 0.5, Method: schemas.MethodHead,
			},
			schemas.Relation{
				Type: "Unheard", Subject: i - 1, Object: i, Sentence: -1, Score: 0.5,
				Method: schemas.MethodHead,
			},
		)
	}
	return nil
}

// last is second, but of texts with more than four sentences it picks the last.
func last(t *model.Text, a *schemas.Annotations) error {
	if n := len(t.Sentences); n > 5 {
		s := t.Sentences[n-1]
		a.Summaries = append(
			a.Summaries, schemas.Summary{Text: t.Body[s.Start:s.End], Sentences: []int32{int32(n - 1)}, Score: 0.5},
		)
		return nil
	}
	return second(t, a)
}

// second picks the second sentence as the summary.
func second(t *model.Text, a *schemas.Annotations) error {
	s := t.Sentences[1]
	a.Summaries = append(
		a.Summaries,
		schemas.Summary{Text: t.Body[s.Start:s.End], Sentences: []int32{1}, Method: schemas.MethodExtracted, Score: 1},
	)
	return nil
}

// affirm answers yes to every question except "Is nothing?".
func affirm(questions ...string) pipeline.Task {
	return task{"answers", func(_ *model.Text, a *schemas.Annotations) error {
		for _, q := range questions {
			if q != "Is nothing?" {
				a.Answers = append(a.Answers, schemas.Answer{QuestionID: "q", Question: q, Answer: "yes", Score: 0.5})
			}
		}
		return nil
	}}
}

var tasks = []pipeline.Task{task{"ner", capitals}, task{"relations", neighbours}, task{"summary", second}}

func data(t *testing.T, name, lines string) eval.Data {
	t.Helper()
	examples, _, err := dataset.JSONLines(strings.NewReader(lines), dataset.UserRules(name, "dev", false))
	if err != nil {
		t.Fatal(err)
	}
	return eval.Data{Name: name, Examples: examples}
}

// In the first document SAW and ΑHÄMMER are true positives, WOOD a false positive (it is no Tool)
// and "nail" a false negative; Beside is predicted between SAW and the hammer, as annotated, and
// between another pair. Document b has its conclusions first, c in its second sentence.
const documents = `{"id": "a", "title": "SAW ΑHÄMMER WOOD", "abstract": "A nail.", "mentions": [[0,3,"Tool"],[4,11,` +
	`"Tool"],[19,23,"Tool"]], "relations": [["Beside",1,0]]}
{"id": "b", "title": "Is it?", "sections": [["CONCLUSIONS","We think that it is so."],["AIM", "To see."]], ` +
	`"question": "Is it?", "answer": "yes"}
{"id": "c", "title": "Is that?", "sections": [["AIM","To see whether."],["CONCLUSIONS", "We think that it is not ` +
	`so."]], "question": "Is that?", "answer": "no"}
{"id": "d", "title": "On nothing", "abstract": "We saw it.", "question": "Is nothing?", "answer": "maybe"}
`

func TestMeasure(t *testing.T) {
	r, err := eval.Measure(
		t.Context(), eval.Model{Preparer: words{}, Tasks: tasks, Ask: affirm}, data(t, "made", documents),
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(score.Table{"Tool": {TP: 2, FP: 1, FN: 1}}, r.Mentions.Strict); diff != "" {
		t.Error("mentions", diff)
	}
	if diff := cmp.Diff(score.Table{"Beside": {TP: 1, FP: 1}}, r.Relations.ByConcept); diff != "" {
		t.Error("relations", diff)
	}
	answers := score.Table{"maybe": {FN: 1}, "no": {FN: 1}, "yes": {TP: 1, FP: 1}}
	if diff := cmp.Diff(answers, r.Answers.Table); diff != "" {
		t.Error("answers", diff)
	}
	if s := r.Summaries; s.Documents != 1 || s.Model.HitRate != 0 || s.LastSentence.HitRate != 1 {
		t.Errorf("summaries %+v", s)
	}
	if b := r.Mentions.Calibration[7]; b.Count != 3 || b.Correct != 2 {
		t.Errorf("calibration %+v", b)
	}
	gold, err := eval.Measure(
		t.Context(), eval.Model{Preparer: words{}, Tasks: tasks, Ask: affirm, GoldMentions: true},
		data(t, "made", documents),
	)
	if err != nil {
		t.Fatal(err)
	}
	if gold.Mentions != nil || gold.Relations.ByConcept.Micro() != (score.Count{TP: 1, FP: 1}) {
		t.Errorf("gold mentions: %+v", gold.Relations)
	}
}

// Results are printed as Markdown and as JSON.
func TestWrite(t *testing.T) {
	var results []eval.Result
	for _, name := range []string{"one", "two"} {
		r, err := eval.Measure(
			t.Context(), eval.Model{Preparer: words{}, Tasks: tasks, Ask: affirm}, data(t, name, documents),
		)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	var table bytes.Buffer
	if err := eval.Write(&table, results, true); err != nil {
		t.Fatal(err)
	}
	object, err := json.MarshalIndent(results[0], "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"results.md": table.Bytes(), "result.json": append(object, '\n')} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: run with -update after looking at it (-want +got):\n%s", name, diff)
		}
	}
}

// A stage that fails on a document fails the evaluation: its reject would count as no predictions.
func TestMeasureFails(t *testing.T) {
	broken := []pipeline.Task{
		task{"ner", func(*model.Text, *schemas.Annotations) error { return errors.New("out of order") }},
	}
	_, err := eval.Measure(t.Context(), eval.Model{Preparer: words{}, Tasks: broken}, data(t, "made", documents))
	if err == nil || !strings.Contains(err.Error(), "made: document 1: ner: error: out of order") {
		t.Errorf("error %v", err)
	}
}

// A model without tasks has nothing to measure.
func TestNothingToMeasure(t *testing.T) {
	r, err := eval.Measure(t.Context(), eval.Model{Preparer: words{}}, data(t, "made", documents))
	if diff := cmp.Diff(eval.Result{Name: "made", Documents: 4}, r); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// generating is a task that is served by generating text.
type generating struct{ task }

func (generating) Prompts(*model.Text) []model.Prompt {
	return []model.Prompt{{IDs: []int32{2}, MaxNew: 1}}
}

// echo completes every prompt with itself.
type echo struct{}

func (echo) Generate(_ context.Context, prompts []model.Prompt, done func(i int, c model.Completion)) error {
	for i, p := range prompts {
		done(i, model.Completion{IDs: p.IDs, LogProbs: make([]float64, len(p.IDs)), Ended: true})
	}
	return nil
}

// Generated relations need no other mentions, predicted or gold. Those that are not in the text are
// false positives.
func TestMeasureGenerated(t *testing.T) {
	generates := generating{task{schemas.TaskRelations, func(x *model.Text, a *schemas.Annotations) error {
		if err := capitals(x, a); err != nil {
			return err
		}
		a.Rejects = append(
			a.Rejects, schemas.Reject{Stage: "relations", Kind: generate.KindNotInText, Message: "nothing"},
		)
		return neighbours(x, a)
	}}}
	m := eval.Model{Preparer: words{}, Generator: echo{}, Tasks: []pipeline.Task{generates}}
	r, err := eval.Measure(t.Context(), m, data(t, "made", documents))
	if err != nil || r.Mentions != nil {
		t.Fatal(r.Mentions, err)
	}
	want := score.Table{"Beside": {TP: 1, FP: 1}, score.NotInText: {FP: 4}}
	if diff := cmp.Diff(want, r.Relations.ByConcept); diff != "" {
		t.Error(diff)
	}
	if len(r.Relations.ByMention) != 2 {
		t.Errorf("by mention %v", r.Relations.ByMention)
	}
	// The data of BioGPT's authors has names without offsets.
	names := []dataset.Example{
		{Doc: &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: "SAW and AXE"}}},
			Names: []dataset.Name{
				{Type: "Tool", Text: "saw", Concept: "T1"},
				{Type: "Tool", Text: "axe", Concept: "T2"},
			},
			ConceptRelations: []dataset.ConceptRelation{{Type: "Beside", A: "T2", B: "T1"}},
		},
	}
	r, err = eval.Measure(t.Context(), m, eval.Data{Name: "names", Examples: names})
	if err != nil || r.Relations.ByConcept["Beside"] != (score.Count{TP: 1}) || len(r.Relations.ByMention) != 0 {
		t.Errorf("%+v, %v", r.Relations, err)
	}
	var b bytes.Buffer
	if err := eval.Write(&b, []eval.Result{r}, false); err != nil || !strings.Contains(b.String(), "| – ") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
