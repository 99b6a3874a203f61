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
	"github.com/pubmine/pubmine/stages/generate"
)

// The names of measures in a card.
const (
	AsPublished = "as published"
	InTheText   = "in the text"
)

// preparer makes documents ready for stages.
type preparer interface {
	Prepare(*schemas.Document) *model.Text
}

// Measure lets a model write about documents and compares what it says with what annotators found:
// two tables for relations, one for answers. The package's doc says what each means.
func Measure(
	ctx context.Context, d decoding.Decoder, l decoding.Limits, p *generate.Prompter, prepare preparer,
	docs []dataset.Example,
) (map[string]score.Table, error) {
	texts, asked := make([]*model.Text, len(docs)), make([]int, len(docs))
	var prompts []model.Prompt
	for i := range docs {
		texts[i] = prepare.Prepare(docs[i].Doc)
		own := stage(p, &docs[i]).Prompts(texts[i])
		prompts, asked[i] = append(prompts, own...), len(own)
	}
	written, err := biogpt.Generate(ctx, d, l, prompts)
	if err != nil {
		return nil, err
	}
	of := make([]model.States, len(docs))
	for i, n := range asked {
		of[i].Completions, written = written[:n], written[n:]
	}
	if p.Task == schemas.TaskAnswers {
		return measureAnswers(p, texts, of, docs)
	}
	return measureRelations(p, texts, of, docs)
}

// writer is the stage of a task that is served by writing.
type writer interface {
	Prompts(*model.Text) []model.Prompt
	Annotate(*model.Text, model.States, *schemas.Annotations) error
}

// stage returns the stage for a document, with the question that is asked about it.
func stage(p *generate.Prompter, e *dataset.Example) writer {
	switch {
	case p.Task == schemas.TaskRelations:
		return generate.Relations{Prompter: p}
	case e.Question == "":
		return generate.Answers{Prompter: p}
	}
	return generate.Answers{Prompter: p, Questions: []string{e.Question}}
}

func measureAnswers(
	p *generate.Prompter, texts []*model.Text, of []model.States, docs []dataset.Example,
) (map[string]score.Table, error) {
	table := score.Table{}
	for i := range docs {
		if docs[i].Answer == "" {
			continue
		}
		var a schemas.Annotations
		if err := stage(p, &docs[i]).Annotate(texts[i], of[i], &a); err != nil {
			return nil, err
		}
		answer := ""
		if len(a.Answers) > 0 {
			answer = a.Answers[0].Answer
		}
		table.Answer(answer, docs[i].Answer)
	}
	return map[string]score.Table{InTheText: table}, nil
}

func measureRelations(
	p *generate.Prompter, texts []*model.Text, of []model.States, docs []dataset.Example,
) (map[string]score.Table, error) {
	strings, anchored := score.Table{}, score.Table{}
	entities := score.NewNameIndex(docs)
	for i := range docs {
		e := docs[i]
		e.ConceptRelations = relationsOf(&e, p.Subject, p.Object)
		var found []dataset.ConceptRelation
		for _, c := range of[i].Completions {
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
		if err := stage(p, &docs[i]).Annotate(texts[i], of[i], &a); err != nil {
			return nil, err
		}
		anchored.Relations(&e, a.Mentions, a.Relations, false)
		wrong := slices.DeleteFunc(a.Rejects, func(r schemas.Reject) bool { return r.Stage != schemas.TaskRelations })
		if len(wrong) > 0 {
			anchored[score.NotInText] = anchored[score.NotInText].Add(score.Count{FP: len(wrong)})
		}
	}
	return map[string]score.Table{AsPublished: strings, InTheText: anchored}, nil
}
