package train

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train/linking"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/link"
)

// linkingCorpora are the corpora whose mentions have concepts of the bundled vocabulary.
var linkingCorpora = []string{
	"bc5cdr", "ncbi-disease", "biored", "nlm-gene", "gnormplus", "species800", "linnaeus", "bioid",
}

// linkingPlan is the plan of the linking head. A dev part has only corpora with a dev set.
func (r *recipeReader) linkingPlan() (*linkingPlan, error) {
	v, err := vocabulary.Open(vocabulary.Bundled)
	if err != nil {
		return nil, err
	}
	p := &linkingPlan{vocabulary: v, train: r.training(linkingCorpora), options: linking.Defaults()}
	for _, part := range r.devParts() {
		if slices.Contains(linkingCorpora, part.examples[0].Corpus) {
			p.dev = append(p.dev, part)
		}
	}
	return p, nil
}

// trainLinkingHead trains the linking head and measures it on gold mentions.
func (t *trainer) trainLinkingHead(ctx context.Context) error {
	p := t.linking
	samples, err := t.linkingSamples(ctx, prepareSamples(p.train, t.prepare))
	if err != nil {
		return err
	}
	head, err := linking.Train(ctx, p.vocabulary, samples, p.options)
	if err != nil {
		return err
	}
	tensors, metadata, err := head.Tensors()
	if err != nil {
		return err
	}
	t.add(tensors, metadata)
	l := linker.New(p.vocabulary, head)
	stage := link.New(func() (*linker.Linker, error) { return l, nil })
	measured := score.Tables{}
	for _, part := range p.dev {
		samples, err := t.linkingSamples(ctx, prepareSamples(part.examples, t.prepare))
		if err != nil {
			return err
		}
		found := score.Linking{}
		for _, s := range samples {
			a := schemas.Annotations{Sentences: s.Text.Sentences, Mentions: s.Mentions()}
			for i := range a.Mentions {
				a.Mentions[i].ID, a.Mentions[i].Concept = i, ""
			}
			if err := stage.Annotate(s.Text, model.States{}, &a); err != nil {
				return err
			}
			e := s.Example.WithIdentifiers(p.vocabulary)
			found.AddDocument(&e, a.Mentions)
		}
		measured[score.Subject{
			Task: schemas.TaskLinking, Data: part.name, Setting: "gold mentions, concepts of documents",
		}] = found.Documents()
	}
	maps.Copy(t.outcome.Score, measured)
	t.progress(schemas.TaskLinking, 1, 1, fmt.Sprintf("%d names; %s", len(head.Names), inOneLine(measured)))
	return nil
}

// linkingSamples adds the mentions of species that the corpora do not annotate.
func (t *trainer) linkingSamples(ctx context.Context, from []sample) ([]linking.Sample, error) {
	samples := make([]linking.Sample, len(from))
	for i, s := range from {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		samples[i] = linking.Sample{Example: s.Example, Text: s.Text}
		if s.Annotates(dataset.Species) || !s.Annotates(dataset.Gene) {
			continue
		}
		a := schemas.Annotations{Sentences: s.Text.Sentences}
		if err := t.find.Annotate(s.Text, s.States, &a); err != nil {
			return nil, err
		}
		samples[i].Found = slices.DeleteFunc(
			a.Mentions,
			func(m schemas.Mention) bool { return m.Type != dataset.Species },
		)
	}
	return samples, nil
}
