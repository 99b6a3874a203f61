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

// Measure evaluates those tasks of the model that the data has gold annotations for.
func Measure(ctx context.Context, m Model, d Data) (Result, error) {
	r := Result{Name: d.Name, Documents: len(d.Examples)}
	examples := make([]dataset.Example, len(d.Examples))
	for i, e := range d.Examples {
		if m.Vocabulary != nil {
			e = e.WithIdentifiers(m.Vocabulary)
		}
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
	if err := m.measureLabels(ctx, d.Examples, &r); err != nil {
		return r, fmt.Errorf("%s: %w", d.Name, err)
	}
	return r, nil
}

// measureMentions evaluates mentions and the relations between them in one run.
func (m *Model) measureMentions(ctx context.Context, examples []dataset.Example, r *Result) error {
	ner, relations := m.task(schemas.TaskNER), m.task(schemas.TaskRelations)
	pairs := goldPairsOf(examples)
	annotated := slices.ContainsFunc(examples, func(e dataset.Example) bool { return len(e.Types) > 0 })
	var tasks []pipeline.Task
	mentions, related := ner != nil && annotated, relations != nil && len(pairs.relations) > 0
	if _, generates := relations.(pipeline.Prompter); !mentions && !(related && generates) {
		return nil
	}
	switch {
	case related && m.GoldMentions:
		tasks, mentions = append(tasks, goldMentions(examples)), false
	case mentions:
		tasks = append(tasks, ner)
	}
	linking := m.task(schemas.TaskLinking)
	if linked := mentions && linking != nil && linkable(examples); !linked {
		linking = nil
	}
	if linking != nil {
		tasks = append(tasks, linking)
	}
	if related {
		tasks = append(tasks, relations)
	}
	found, err := annotate(ctx, m.pipeline(tasks...), documents(examples))
	if err != nil {
		return err
	}
	if mentions {
		r.Mentions = &MentionScores{Strict: score.Table{}, Overlap: score.Table{}}
	}
	if related {
		r.Relations = newRelations(m.GoldMentions)
	}
	if linking != nil {
		if r.Linking, err = m.measureLinking(ctx, examples, found); err != nil {
			return err
		}
	}
	for i := range examples {
		if r.Mentions != nil {
			r.Mentions.add(&examples[i], found[i].Mentions)
		}
		if r.Relations != nil {
			if linking != nil {
				r.Relations.addIdentifiers(&examples[i], found[i], pairs)
				found[i] = withoutConcepts(found[i])
			}
			r.Relations.add(&examples[i], found[i], pairs)
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

// goldTask is a task that returns the gold mentions.
type goldTask map[string][]schemas.Mention // by text

func goldMentions(examples []dataset.Example) goldTask {
	g := goldTask{}
	for _, e := range examples {
		g[e.Doc.Text()] = e.Gold.Mentions
	}
	return g
}

// Name is the name of the task that it replaces.
func (goldTask) Name() string { return schemas.TaskNER }

// Annotate appends the gold mentions.
func (g goldTask) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	for i, m := range g[t.Body] {
		m.ID = i
		m.Sentence = t.SentenceAt(m.Start)
		a.Mentions = append(a.Mentions, m)
	}
	return nil
}

// measureSummaries evaluates summaries of the structured abstracts among the documents.
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
	r.Summaries = &SummaryScores{Documents: len(docs), Model: summaryScore(model), LastSentence: summaryScore(last)}
	return err
}
