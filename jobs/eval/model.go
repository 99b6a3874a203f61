package eval

import (
	"slices"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
)

// Data is annotated documents under one name.
type Data struct {
	Name     string
	Examples []dataset.Example
}

// Model is the model under evaluation, with the components that a run has.
type Model struct {
	Preparer  pipeline.Preparer
	Encoder   pipeline.Encoder
	Generator pipeline.Generator
	Tasks     []pipeline.Task // in the order in which they run
	// Ask makes a task that answers questions; nil if the model answers none.
	Ask func(questions ...string) pipeline.Task
	// GoldMentions makes task relations join the gold mentions in place of the model's.
	GoldMentions bool
	// Vocabulary has the concepts that the model links mentions to; nil if it does not.
	Vocabulary *vocabulary.Vocabulary
}

// Open opens the components of a model for tasks, all that it serves if none is named, on a
// backend. A wrong name is a *jobs.RequestError. Close the components when done.
func Open(name string, tasks []string, backend string) (Model, *jobs.Components, error) {
	tasks, err := jobs.ParseTasks(tasks)
	if err != nil {
		return Model{}, nil, err
	}
	resolved, err := catalog.Resolve(name)
	if err != nil {
		return Model{}, nil, &jobs.RequestError{Err: err}
	}
	if slices.Contains(tasks, schemas.TaskLinking) && !slices.Contains(tasks, schemas.TaskNER) {
		tasks = append([]string{schemas.TaskNER}, tasks...)
	}
	if _, generates := resolved.Card.Generates(schemas.TaskRelations); !generates &&
		slices.Contains(tasks, schemas.TaskRelations) && !slices.Contains(tasks, schemas.TaskNER) {
		tasks = append([]string{schemas.TaskNER}, tasks...) // relations join mentions
	}
	c, err := jobs.BuildModel(resolved, jobs.Request{Tasks: tasks, Backend: backend, OwnQuestions: true})
	if err != nil {
		return Model{}, nil, err
	}
	m := Model{
		Preparer: c.Preparer, Encoder: c.Encoder, Generator: c.Generator, Tasks: c.Tasks, Ask: asker(c.Tasks),
	}
	if m.Vocabulary, err = c.Vocabulary(); err != nil {
		c.Close()
		return Model{}, nil, err
	}
	return m, c, nil
}

// asker returns a function that makes a task that answers questions of the documents themselves,
// nil if none of the tasks does.
func asker(tasks []pipeline.Task) func(questions ...string) pipeline.Task {
	own := func(questions []string) []answer.Question {
		asked := make([]answer.Question, len(questions))
		for i, q := range questions {
			asked[i] = answer.OwnQuestion(q)
		}
		return asked
	}
	for _, t := range tasks {
		switch stage := t.(type) {
		case answer.Stage:
			return func(questions ...string) pipeline.Task { return stage.WithQuestions(own(questions)...) }
		case generate.Answers:
			return func(questions ...string) pipeline.Task {
				return generate.Answers{Prompter: stage.Prompter, Questions: own(questions)}
			}
		}
	}
	return nil
}

func (m *Model) pipeline(tasks ...pipeline.Task) pipeline.Pipeline {
	return pipeline.Pipeline{
		Preparer: m.Preparer, Encoder: m.Encoder, Generator: m.Generator, Tasks: tasks, Model: "evaluated",
	}
}

// task returns the task of a name, nil if there is none.
func (m *Model) task(name string) pipeline.Task {
	i := slices.IndexFunc(m.Tasks, func(t pipeline.Task) bool { return t.Name() == name })
	if i < 0 {
		return nil
	}
	return m.Tasks[i]
}
