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

// Answers are what a model said to the questions that documents come with.
type Answers struct {
	Questions   int
	Table       score.Table
	Predictions map[string]map[string]int // how often, by the annotators' answer and the model's; "" where it gave none
	Calibration score.Calibration
}

// asking is a task that asks every document its own questions.
type asking struct {
	ask       func(questions ...string) pipeline.Task
	questions map[string][]string // by text
}

// Name is that of the task whose place it takes.
func (asking) Name() string { return schemas.TaskAnswers }

// Annotate appends the answers to the document's questions.
func (a asking) Annotate(t *model.Text, s model.States, found *schemas.Annotations) error {
	return a.ask(a.questions[t.Body]...).Annotate(t, s, found)
}

// askingWriter is asking of a model that writes its answers.
type askingWriter struct{ asking }

// Prompts returns those of the document's questions.
func (a askingWriter) Prompts(t *model.Text) []model.Prompt {
	return a.ask(a.questions[t.Body]...).(pipeline.Prompter).Prompts(t)
}

// measureAnswers measures answers to the questions that the documents come with.
func (m *Model) measureAnswers(ctx context.Context, examples []dataset.Example, r *Result) error {
	asked := slices.DeleteFunc(
		slices.Clone(examples), func(e dataset.Example) bool { return e.Question == "" || e.Answer == "" },
	)
	if m.Ask == nil || len(asked) == 0 {
		return nil
	}
	task := asking{m.Ask, map[string][]string{}}
	for _, e := range asked {
		if text := e.Doc.Text(); !slices.Contains(task.questions[text], e.Question) {
			task.questions[text] = append(task.questions[text], e.Question)
		}
	}
	var asks pipeline.Task = task
	if _, writes := m.Ask().(pipeline.Prompter); writes {
		asks = askingWriter{task}
	}
	found, err := annotate(ctx, m.pipeline(asks), documents(asked))
	if err != nil {
		return err
	}
	r.Answers = &Answers{Questions: len(asked), Table: score.Table{}, Predictions: map[string]map[string]int{}}
	for i, e := range asked {
		said := schemas.Answer{}
		if at := slices.IndexFunc(found[i].Answers, func(a schemas.Answer) bool { return a.Question == e.Question }); at >= 0 {
			said = found[i].Answers[at]
			r.Answers.Calibration.Add(said.Score, said.Answer == e.Answer)
		}
		r.Answers.Table.Answer(said.Answer, e.Answer)
		if r.Answers.Predictions[e.Answer] == nil {
			r.Answers.Predictions[e.Answer] = map[string]int{}
		}
		r.Answers.Predictions[e.Answer][said.Answer]++
	}
	return nil
}

// answers are the answers that annotators or the model gave, in order.
func (x *Answers) answers() []string {
	all := x.Table.Types()
	if slices.ContainsFunc(all, func(wanted string) bool { return x.Predictions[wanted][""] > 0 }) {
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
				"data", "questions", "answer", "P", "R", "F1", "right", "wrong", "missed", "accuracy",
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

// confusionGrid says which answers were taken for which.
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
	columns := []string{"data", "annotators"}
	for _, a := range all {
		if a == "" {
			a = "none"
		}
		columns = append(columns, "model: "+a)
	}
	grid := markdown.NewTable(columns...)
	for _, r := range results {
		if r.Answers == nil {
			continue
		}
		for _, wanted := range r.Answers.Table.Types() {
			row := []string{r.Name, wanted}
			for _, said := range all {
				row = append(row, strconv.Itoa(r.Answers.Predictions[wanted][said]))
			}
			grid.Row(row...)
		}
	}
	return "Answers: which was taken for which", grid
}

// MarshalJSON prints the counts with the measures made of them.
func (x Answers) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Questions   int                       `json:"questions"`
		Accuracy    float64                   `json:"accuracy"`
		MacroF1     float64                   `json:"macro_f1"`
		Answers     table                     `json:"answers"`
		Said        map[string]map[string]int `json:"said"`
		Calibration calibration               `json:"calibration"`
	}{x.Questions, x.Table.Accuracy(), x.Table.Macro(), tableOf(x.Table), x.Predictions, calibrationOf(x.Calibration)})
}
