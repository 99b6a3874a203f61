package train

import (
	"slices"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// annotator is a stage.
type annotator interface {
	Annotate(t *model.Text, s model.States, a *schemas.Annotations) error
}

// Mentions says which mentions of a sample relations are looked for between.
type Mentions func(s *Sample) ([]schemas.Mention, error)

// GoldMentions are the annotators' mentions with their concepts, so that names are grouped as the
// annotators did.
func GoldMentions(s *Sample) ([]schemas.Mention, error) { return goldMentions(s), nil }

// PlainMentions are the annotators' mentions without their concepts: names are grouped by their
// text.
func PlainMentions(s *Sample) ([]schemas.Mention, error) { return plainMentions(s), nil }

// FoundMentions are those that a stage finds.
func FoundMentions(ner annotator) Mentions {
	return func(s *Sample) ([]schemas.Mention, error) {
		a := schemas.Annotations{Sentences: s.Text.Sentences}
		err := ner.Annotate(s.Text, s.States, &a)
		return a.Mentions, err
	}
}

func goldMentions(s *Sample) []schemas.Mention {
	mentions := slices.Clone(s.Gold.Mentions)
	for i, m := range mentions {
		mentions[i].Sentence = sentenceAt(s.Text, m.Start)
	}
	return mentions
}

func plainMentions(s *Sample) []schemas.Mention {
	mentions := goldMentions(s)
	for i := range mentions {
		mentions[i].Concept = ""
	}
	return mentions
}

// EvaluateRelations scores what find finds between the mentions of the samples, document by
// document.
func EvaluateRelations(samples []Sample, mentions Mentions, find annotator, ordered bool) (score.Table, error) {
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

// Cooccurring is the finder to beat: every two names of the right types are related, by the first
// of the types; with SameSentence only those that share a sentence.
type Cooccurring struct {
	Options      RelationOptions
	SameSentence bool
}

// Annotate appends the relations.
func (c Cooccurring) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	names := relation.Names(t.Body, a.Mentions)
	for pair := range c.Options.head(nil).Candidates(names) {
		r := relation.Nearest(names[pair.Subject], names[pair.Object])
		if r.Type = c.Options.Types[0]; r.Sentence >= 0 || !c.SameSentence {
			a.Relations = append(a.Relations, r)
		}
	}
	return nil
}
