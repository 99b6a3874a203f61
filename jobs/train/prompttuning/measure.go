package prompttuning

import (
	"context"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
)

// The settings of measurements, which the package documentation describes.
const (
	AsPublished = "as published"
	InTheText   = "in the text"
)

// preparer prepares documents for stages.
type preparer interface {
	Prepare(*schemas.Document) *model.Text
}

// Measure generates for documents and compares the result with the annotations: two measurements
// for relations, one for answers.
func Measure(
	ctx context.Context, d decoding.Decoder, l decoding.Limits, p *generate.Prompter, prepare preparer,
	docs []dataset.Example,
) (score.Tables, error) {
	texts, counts := make([]*model.Text, len(docs)), make([]int, len(docs))
	var prompts []model.Prompt
	for i := range docs {
		texts[i] = prepare.Prepare(docs[i].Doc)
		own := stage(p, &docs[i]).Prompts(texts[i])
		prompts, counts[i] = append(prompts, own...), len(own)
	}
	completions := make([]model.Completion, len(prompts))
	err := biogpt.Generate(ctx, d, l, prompts, func(i int, c model.Completion) { completions[i] = c })
	if err != nil {
		return nil, err
	}
	states := make([]model.States, len(docs))
	for i, n := range counts {
		states[i].Completions, completions = completions[:n], completions[n:]
	}
	if p.Task == schemas.TaskAnswers {
		return measureAnswers(p, texts, states, docs)
	}
	return measureRelations(p, texts, states, docs)
}

// generator is the stage of a task that generates.
type generator interface {
	Prompts(*model.Text) []model.Prompt
	Annotate(*model.Text, model.States, *schemas.Annotations) error
}

// stage returns the stage for a document, with its question.
func stage(p *generate.Prompter, e *dataset.Example) generator {
	switch {
	case p.Task == schemas.TaskRelations:
		return generate.Relations{Prompter: p}
	case e.Question == "":
		return generate.Answers{Prompter: p}
	}
	return generate.Answers{Prompter: p, Questions: []answer.Question{answer.OwnQuestion(e.Question)}}
}

func subject(p *generate.Prompter, setting string) score.Subject {
	return score.Subject{Task: p.Task, Data: "dev set", Setting: setting}
}

func measureAnswers(
	p *generate.Prompter, texts []*model.Text, states []model.States, docs []dataset.Example,
) (score.Tables, error) {
	table := score.Table{}
	for i := range docs {
		if docs[i].Answer == "" {
			continue
		}
		var a schemas.Annotations
		if err := stage(p, &docs[i]).Annotate(texts[i], states[i], &a); err != nil {
			return nil, err
		}
		answer := ""
		if len(a.Answers) > 0 {
			answer = a.Answers[0].Answer
		}
		table.Answer(answer, docs[i].Answer)
	}
	return score.Tables{subject(p, InTheText): table}, nil
}

func measureRelations(
	p *generate.Prompter, texts []*model.Text, states []model.States, docs []dataset.Example,
) (score.Tables, error) {
	strings, anchored := score.Table{}, score.Table{}
	entities := score.NewNameIndex(docs)
	for i := range docs {
		e := docs[i]
		e.ConceptRelations = relationsOf(&e, p.Subject, p.Object)
		var found []dataset.ConceptRelation
		for _, c := range states[i].Completions {
			for _, x := range p.Template.ReadAsPublished(p.Text(c)) {
				typ := x.Type
				if typ == "" {
					typ = p.Relation
				}
				found = append(
					found,
					dataset.ConceptRelation{
						Type: typ, A: entities.Concept(p.Subject, x.Subject),
						B: entities.Concept(p.Object, x.Object),
					},
				)
			}
		}
		strings.RelationsByString(&e, found)
		var a schemas.Annotations
		if err := stage(p, &docs[i]).Annotate(texts[i], states[i], &a); err != nil {
			return nil, err
		}
		anchored.Relations(&e, a.Mentions, a.Relations, false)
		wrong := slices.DeleteFunc(a.Rejects, func(r schemas.Reject) bool { return r.Stage != schemas.TaskRelations })
		if len(wrong) > 0 {
			anchored[score.NotInText] = anchored[score.NotInText].Add(score.Count{FP: len(wrong)})
		}
	}
	return score.Tables{subject(p, AsPublished): strings, subject(p, InTheText): anchored}, nil
}
