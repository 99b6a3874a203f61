package eval

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// AnswerScores compare the answers to the questions of documents.
type AnswerScores struct {
	Questions   int
	Table       score.Table
	Predictions map[string]map[string]int // counts by gold answer and predicted answer, "" for none
	Calibration score.Calibration
	OnTopic     OnTopic
}

// askTask is a task that asks every document its own questions.
type askTask struct {
	ask       func(questions ...string) pipeline.Task
	questions map[string][]string // by text
}

// Name is the name of the task that it replaces.
func (askTask) Name() string { return schemas.TaskAnswers }

// Annotate appends the answers to the document's questions.
func (a askTask) Annotate(t *model.Text, s model.States, found *schemas.Annotations) error {
	return a.ask(a.questions[t.Body]...).Annotate(t, s, found)
}

// askingGenerator is askTask for a model that generates its answers.
type askingGenerator struct{ askTask }

// Prompts returns the prompts of the document's questions.
func (a askingGenerator) Prompts(t *model.Text) []model.Prompt {
	return a.ask(a.questions[t.Body]...).(pipeline.Prompter).Prompts(t)
}

// measureAnswers evaluates the answers to the questions of the documents.
func (m *Model) measureAnswers(ctx context.Context, examples []dataset.Example, r *Result) error {
	asked := slices.DeleteFunc(
		slices.Clone(examples), func(e dataset.Example) bool { return e.Question == "" || e.Answer == "" },
	)
	if m.Ask == nil || len(asked) == 0 {
		return nil
	}
	task := askTask{m.Ask, map[string][]string{}}
	for _, e := range asked {
		if text := e.Doc.Text(); !slices.Contains(task.questions[text], e.Question) {
			task.questions[text] = append(task.questions[text], e.Question)
		}
	}
	var asks pipeline.Task = task
	if _, generates := m.Ask().(pipeline.Prompter); generates {
		asks = askingGenerator{task}
	}
	found, err := annotate(ctx, m.pipeline(asks), documents(asked))
	if err != nil {
		return err
	}
	r.Answers = &AnswerScores{Questions: len(asked), Table: score.Table{}, Predictions: map[string]map[string]int{}}
	r.Answers.OnTopic = measureTopic(asked)
	for i, e := range asked {
		predicted := schemas.Answer{}
		same := func(a schemas.Answer) bool { return a.Question == e.Question }
		if at := slices.IndexFunc(found[i].Answers, same); at >= 0 {
			predicted = found[i].Answers[at]
			r.Answers.Calibration.Add(predicted.Score, predicted.Answer == e.Answer)
		}
		r.Answers.Table.Answer(predicted.Answer, e.Answer)
		if r.Answers.Predictions[e.Answer] == nil {
			r.Answers.Predictions[e.Answer] = map[string]int{}
		}
		r.Answers.Predictions[e.Answer][predicted.Answer]++
	}
	return nil
}

// answers returns the gold and predicted answers, sorted.
func (x *AnswerScores) answers() []string {
	all := x.Table.Types()
	if slices.ContainsFunc(all, func(gold string) bool { return x.Predictions[gold][""] > 0 }) {
		all = append(all, "")
	}
	return all
}

func answerGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Answers == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable(
				"data", "questions", "answer", "P", "R", "F1", "TP", "FP", "FN", "accuracy",
			)
		}
		n := strconv.Itoa(r.Answers.Questions)
		grid.Row(
			r.Name, n, "macro", "", "", percent(r.Answers.Table.Macro()), "", "", "",
			percent(r.Answers.Table.Accuracy()),
		)
		for _, a := range r.Answers.Table.Types() {
			grid.Row(append(append([]string{r.Name, n, a}, cells(r.Answers.Table[a])...), "")...)
		}
	}
	return "Answers", grid
}

// confusionGrid is the confusion matrix of the answers.
func confusionGrid(results []Result) (string, *markdown.Table) {
	var all []string
	for _, r := range results {
		if r.Answers == nil {
			continue
		}
		for _, a := range r.Answers.answers() {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	slices.Sort(all)
	columns := []string{"data", "gold"}
	for _, a := range all {
		if a == "" {
			a = "none"
		}
		columns = append(columns, "predicted: "+a)
	}
	grid := markdown.NewTable(columns...)
	for _, r := range results {
		if r.Answers == nil {
			continue
		}
		for _, gold := range r.Answers.Table.Types() {
			row := []string{r.Name, gold}
			for _, predicted := range all {
				row = append(row, strconv.Itoa(r.Answers.Predictions[gold][predicted]))
			}
			grid.Row(row...)
		}
	}
	return "Answers: confusion matrix", grid
}

// MarshalJSON prints the counts and the measures.
func (x AnswerScores) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Questions   int                       `json:"questions"`
		Accuracy    float64                   `json:"accuracy"`
		MacroF1     float64                   `json:"macro_f1"`
		Answers     tableJSON                 `json:"answers"`
		Predictions map[string]map[string]int `json:"predictions"`
		Calibration calibrationJSON           `json:"calibration"`
		OnTopic     OnTopic                   `json:"on_topic"`
	}{x.Questions, x.Table.Accuracy(), x.Table.Macro(), tableOf(x.Table), x.Predictions, calibrationOf(x.Calibration),
		x.OnTopic,
	})
}
