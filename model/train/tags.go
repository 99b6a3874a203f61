package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/train/corpus"
	"github.com/pubmine/pubmine/model/train/lexicon"
	"github.com/pubmine/pubmine/schemas"
)

// tags trains the tag head on features alone, and measures it.
func (s *session) tags(ctx context.Context) (*heads.Tagger, error) {
	gold := s.gold()
	l, err := newTagLearner(s.Tags, 0, s.Seed)
	if err != nil {
		return nil, err
	}
	if s.Silver.Documents > 0 {
		if err := s.silver(ctx, l, gold); err != nil {
			return nil, err
		}
	}
	for epoch := range s.Tags.Epochs {
		loss, err := s.pass(ctx, l, gold, s.Seed+uint64(epoch))
		if err != nil {
			return nil, err
		}
		s.progress("tags", epoch+1, s.Tags.Epochs, fmt.Sprintf("loss %.4f a word", loss))
		if s.measured, err = s.measure(l.tagger(s.Tags.Threshold)); err != nil {
			return nil, err
		}
		s.progress("tags", epoch+1, s.Tags.Epochs, s.summary())
	}
	return l.tagger(s.Tags.Threshold), nil
}

// gold returns the training documents of the recipe's corpora.
func (s *session) gold() []*document {
	var docs []*document
	for _, e := range s.held.Training(s.all) {
		if slices.Contains(s.Tags.Corpora, e.Corpus) {
			docs = append(docs, goldDocument(&e, s.prepare.Prepare(e.Doc), s.Tags.Types, s.Tags.weight))
		}
	}
	return docs
}

// pass learns from every document once, in an order of its own, and returns the mean loss of a word.
func (s *session) pass(ctx context.Context, l *tagLearner, docs []*document, seed uint64) (float64, error) {
	random := rand.New(rand.NewPCG(seed, 3))
	loss, words := 0.0, 0
	for _, i := range random.Perm(len(docs)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for _, x := range docs[i].sentences {
			loss += l.learn(docs[i], x, nil, nil)
		}
		words += len(docs[i].text.Words)
	}
	return loss / float64(words), nil
}

// silver trains a teacher and lets l learn from the pool as the teacher tags it, with the gold spread among it.
func (s *session) silver(ctx context.Context, l *tagLearner, gold []*document) error {
	names, err := lexicon.Load(s.vocabularies())
	if err != nil {
		return err
	}
	teacher, err := s.teacher(ctx, names, gold)
	if err != nil {
		return err
	}
	pool, err := s.poolDocuments(ctx)
	if err != nil {
		return err
	}
	weights := make([]float32, len(s.Tags.Types))
	for k := range weights {
		weights[k] = s.Silver.Weight
	}
	random := rand.New(rand.NewPCG(s.Seed, 4))
	order := random.Perm(len(gold))
	for i, doc := range pool {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := plainDocument(s.prepare.Prepare(doc), len(s.Tags.Types))
		look := names.Features(d.text)
		d.names = &look
		teacher.suggest(d, weights, s.Silver.Sure)
		d.names = nil
		for _, x := range d.sentences {
			l.learn(d, x, nil, nil)
		}
		for j := i * len(gold) / len(pool); j < (i+1)*len(gold)/len(pool); j++ {
			for _, x := range gold[order[j]].sentences {
				l.learn(gold[order[j]], x, nil, nil)
			}
		}
		if (i+1)%10000 == 0 {
			if s.measured, err = s.measure(l.tagger(s.Tags.Threshold)); err != nil {
				return err
			}
			s.progress("silver", i+1, len(pool), s.summary())
		}
	}
	return nil
}

// teacher learns from the gold with the lexicon's help.
func (s *session) teacher(ctx context.Context, names *lexicon.Lexicon, gold []*document) (*tagLearner, error) {
	l, err := newTagLearner(s.Tags, 0, s.Seed)
	if err != nil {
		return nil, err
	}
	for _, d := range gold {
		look := names.Features(d.text)
		d.names = &look
	}
	for epoch := range s.Silver.Epochs {
		loss, err := s.pass(ctx, l, gold, s.Seed+100+uint64(epoch))
		if err != nil {
			return nil, err
		}
		s.progress("teacher", epoch+1, s.Silver.Epochs, fmt.Sprintf("loss %.4f a word", loss))
	}
	for _, d := range gold {
		d.names = nil
	}
	return l, nil
}

// poolDocuments returns the pool's abstracts that may be trained on, shuffled.
func (s *session) poolDocuments(ctx context.Context) ([]*schemas.Document, error) {
	var docs []*schemas.Document
	for _, name := range s.Pool {
		for record, err := range corpus.Pool(s.pool(name)) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err != nil {
				return nil, err
			}
			if doc := record.Document(); !s.held.Has(doc) && len(doc.Text()) > 200 {
				docs = append(docs, doc)
			}
		}
	}
	random := rand.New(rand.NewPCG(s.Seed, 5))
	random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	return docs[:min(len(docs), s.Silver.Documents)], nil
}
