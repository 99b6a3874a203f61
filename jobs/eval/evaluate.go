// Package eval measures a model on annotated documents through the pipeline that a run uses:
// documents go in, rows come out, and the rows are compared with what annotators found (package
// score says how).
//
// Relations have no direction here: none of the corpora that models are trained on states two that
// differ in it alone. Only relations of types that the data states are counted, as a model may know
// more types than the data. Beside the model stand two finders that anybody could do without one:
// every two names of types that the data relates are related, in an abstract or in a sentence.
//
// Summaries are measured on structured abstracts with one section of conclusions: their headings
// are hidden from the model, and what it picks is compared with that section. Of abstracts without
// headings nobody knows that: Examples are for reading.
//
// Questions that documents come with are asked of them, each of its own document. Where a model
// answers nothing, that is a missed answer.
package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Data is annotated documents under one name.
type Data struct {
	Name     string
	Examples []dataset.Example
}

// Model is what a run computes with.
type Model struct {
	Preparer pipeline.Preparer
	Encoder  pipeline.Encoder
	Writer   pipeline.Generator
	Tasks    []pipeline.Task // in the order in which they run
	// Ask makes a task that answers questions; nil where the model answers none.
	Ask func(questions ...string) pipeline.Task
	// GoldMentions gives relations the annotators' mentions in place of the model's.
	GoldMentions bool
}

func (m *Model) pipeline(tasks ...pipeline.Task) pipeline.Pipeline {
	return pipeline.Pipeline{
		Preparer: m.Preparer, Encoder: m.Encoder, Generator: m.Writer, Tasks: tasks, Model: "evaluated",
	}
}

// task returns the task of a name, nil where there is none.
func (m *Model) task(name string) pipeline.Task {
	i := slices.IndexFunc(m.Tasks, func(t pipeline.Task) bool { return t.Name() == name })
	if i < 0 {
		return nil
	}
	return m.Tasks[i]
}

// Measure measures the model's tasks on the data, those of them that it has annotations for.
func Measure(ctx context.Context, m Model, d Data) (Result, error) {
	r := Result{Name: d.Name, Documents: len(d.Examples)}
	examples := make([]dataset.Example, len(d.Examples))
	for i, e := range d.Examples {
		examples[i] = e.WithConcepts()
	}
	if err := m.measureMentions(ctx, examples, &r); err != nil {
		return r, fmt.Errorf("%s: %w", d.Name, err)
	}
	if err := m.measureSummaries(ctx, examples, &r); err != nil {
		return r, fmt.Errorf("%s: %w", d.Name, err)
	}
	if err := m.measureAnswers(ctx, examples, &r); err != nil {
		return r, fmt.Errorf("%s: %w", d.Name, err)
	}
	return r, nil
}

// measureMentions measures mentions and the relations between them, of which a run finds both at
// once.
func (m *Model) measureMentions(ctx context.Context, examples []dataset.Example, r *Result) error {
	ner, relations := m.task(schemas.TaskNER), m.task(schemas.TaskRelations)
	joins := joinsOf(examples)
	annotated := slices.ContainsFunc(examples, func(e dataset.Example) bool { return len(e.Types) > 0 })
	var tasks []pipeline.Task
	mentions, related := ner != nil && annotated, relations != nil && len(joins.stated) > 0
	if _, writes := relations.(pipeline.Prompter); !mentions && !(related && writes) {
		return nil
	}
	switch {
	case related && m.GoldMentions:
		tasks, mentions = append(tasks, goldMentions(examples)), false
	case mentions:
		tasks = append(tasks, ner)
	}
	if related {
		tasks = append(tasks, relations)
	}
	found, err := annotate(ctx, m.pipeline(tasks...), documents(examples))
	if err != nil {
		return err
	}
	if mentions {
		r.Mentions = &Entities{Strict: score.Table{}, Overlap: score.Table{}}
	}
	if related {
		r.Relations = newRelations(m.GoldMentions)
	}
	for i := range examples {
		if r.Mentions != nil {
			r.Mentions.add(&examples[i], found[i].Mentions)
		}
		if r.Relations != nil {
			r.Relations.add(&examples[i], found[i], joins)
		}
	}
	return nil
}

func documents(examples []dataset.Example) []*schemas.Document {
	docs := make([]*schemas.Document, len(examples))
	for i, e := range examples {
		docs[i] = e.Doc
	}
	return docs
}

// given is a task that finds what annotators found.
type goldTask map[string][]schemas.Mention // by text

func goldMentions(examples []dataset.Example) goldTask {
	g := goldTask{}
	for _, e := range examples {
		g[e.Doc.Text()] = e.Gold.Mentions
	}
	return g
}

// Name is the name of the task whose place it takes.
func (goldTask) Name() string { return schemas.TaskNER }

// Annotate appends the annotators' mentions.
func (g goldTask) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	for i, m := range g[t.Body] {
		m.ID = i
		m.Sentence = max(
			0,
			slices.IndexFunc(
				t.Sentences, func(s schemas.Sentence) bool { return s.Start <= m.Start && m.Start < s.End },
			),
		)
		a.Mentions = append(a.Mentions, m)
	}
	return nil
}

// measureSummaries measures summaries of the structured abstracts among the documents.
func (m *Model) measureSummaries(ctx context.Context, examples []dataset.Example, r *Result) error {
	summary := m.task(schemas.TaskSummary)
	var docs []*schemas.Document
	var abstracts []train.Abstract
	for _, e := range examples {
		if at, ok := train.ConclusionSpan(e.Doc); ok {
			docs = append(docs, dataset.Unlabelled(e.Doc))
			abstracts = append(abstracts, train.Abstract{Conclusions: at})
		}
	}
	if summary == nil || len(docs) == 0 {
		return nil
	}
	found, err := annotate(ctx, m.pipeline(summary), docs)
	if err != nil {
		return err
	}
	picked := map[*model.Text][]int32{}
	for i := range abstracts {
		abstracts[i].Text = &model.Text{Body: docs[i].Text(), Sentences: found[i].Sentences}
		if len(found[i].Summaries) > 0 {
			picked[abstracts[i].Text] = found[i].Summaries[0].Sentences
		}
	}
	of := func(a *train.Abstract) (int, int, error) {
		p := picked[a.Text]
		if len(p) == 0 {
			return 0, 0, nil
		}
		return int(p[0]), len(p), nil
	}
	model, err := train.EvaluateSummaries(abstracts, of)
	if err != nil {
		return err
	}
	last, err := train.EvaluateSummaries(abstracts, train.LastSentence)
	r.Summaries = &Summaries{Documents: len(docs), Model: picks(model), LastSentence: picks(last)}
	return err
}
