package train

import (
	"slices"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// annotator is a stage without generation.
type annotator interface {
	Annotate(t *model.Text, s model.States, a *schemas.Annotations) error
}

// mentionSource returns the mentions of a sample between which relations are searched.
type mentionSource func(s *sample) ([]schemas.Mention, error)

// fromGold returns the gold mentions with their concepts, by which they are grouped.
func fromGold(s *sample) ([]schemas.Mention, error) { return goldMentions(s), nil }

// fromStage returns the mentions that a stage finds.
func fromStage(ner annotator) mentionSource {
	return func(s *sample) ([]schemas.Mention, error) {
		a := schemas.Annotations{Sentences: s.Text.Sentences}
		err := ner.Annotate(s.Text, s.States, &a)
		return a.Mentions, err
	}
}

func goldMentions(s *sample) []schemas.Mention {
	mentions := slices.Clone(s.Gold.Mentions)
	for i, m := range mentions {
		mentions[i].Sentence = s.Text.SentenceAt(m.Start)
	}
	return mentions
}

func plainMentions(s *sample) []schemas.Mention {
	mentions := goldMentions(s)
	for i := range mentions {
		mentions[i].Concept = ""
	}
	return mentions
}

// evaluateRelations measures the relations found between mentions of the samples, by concept.
func evaluateRelations(samples []sample, mentions mentionSource, find annotator, ordered bool) (score.Table, error) {
	table := score.Table{}
	for i := range samples {
		s := &samples[i]
		found, err := mentions(s)
		if err != nil {
			return nil, err
		}
		a := schemas.Annotations{Sentences: s.Text.Sentences, Mentions: found}
		if err := find.Annotate(s.Text, s.States, &a); err != nil {
			return nil, err
		}
		table.Relations(&s.Example, a.Mentions, a.Relations, ordered)
	}
	return table, nil
}

// cooccurrence is the baseline: each pair of entities of the right types is related, by the first
// relation type; with sameSentence only pairs that share a sentence.
type cooccurrence struct {
	options      relationOptions
	sameSentence bool
}

// Annotate appends the relations.
func (c cooccurrence) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	names := names.GroupMentions(t.Body, a.Mentions)
	for pair := range c.options.head(nil).Candidates(names) {
		r := relation.Nearest(names[pair.Subject], names[pair.Object])
		if r.Type = c.options.Types[0]; r.Sentence >= 0 || !c.sameSentence {
			a.Relations = append(a.Relations, r)
		}
	}
	return nil
}
