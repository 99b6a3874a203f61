package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/train/lexicon"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// chunk is how many silver documents are made ready at a time.
const chunk = 500

// lesson is a way to learn from documents.
type lesson interface {
	// pass learns from every document once, in an order of its own, and returns the mean loss of a word.
	pass(ctx context.Context, docs []*document) (float64, error)
}

// tags trains the head for mentions, and the trunk with it when the recipe says so.
func (s *session) tags(ctx context.Context) error {
	if err := s.features(ctx); err != nil {
		return err
	}
	if s.Trunk.Epochs > 0 {
		if err := s.measure(ctx); err != nil {
			return err
		}
		if err := s.together(ctx); err != nil {
			return err
		}
	}
	for k, typ := range s.tagger.Types {
		s.tagger.Linear.Bias[3*k] -= s.Tags.Lean[typ]
	}
	return s.measure(ctx)
}

// features trains the head on features alone.
func (s *session) features(ctx context.Context) error {
	if s.Base != "" {
		return s.readBase()
	}
	gold := s.gold(s.Tags.Corpora)
	var teacher *tagLearner
	var names *lexicon.Lexicon
	var pool []*schemas.Document
	if s.Silver.Documents > 0 {
		var err error
		if names, err = lexicon.Load(s.vocabularies()); err != nil {
			return err
		}
		if teacher, err = s.teacher(ctx, names, gold); err != nil {
			return err
		}
		if pool, err = s.poolDocuments(ctx); err != nil {
			return err
		}
	}
	learner, err := newTagLearner(s.Tags, 0, s.Seed)
	if err != nil {
		return err
	}
	l := &alone{learner, rand.New(rand.NewPCG(s.Seed, 3))}
	if err := s.silver(ctx, l, teacher, names, pool, gold); err != nil {
		return err
	}
	if err := s.epochs(ctx, "tags", s.Tags.Epochs, l, gold); err != nil {
		return err
	}
	s.tagger = learner.tagger(s.Tags.Threshold)
	return nil
}

// readBase takes the head of an earlier model instead of training one, and its trunk unless that is to be trained.
func (s *session) readBase() (err error) {
	if s.Trunk.Epochs == 0 {
		if s.trunk, s.params, err = biogpt.Load(os.DirFS(s.Base)); err != nil {
			return err
		}
	}
	f, err := os.Open(filepath.Join(s.Base, biogpt.WeightsFile))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	tensors, err := weights.Open(f, info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	if s.tagger, err = heads.ReadTagger(tensors); err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	if s.Trunk.Epochs > 0 {
		s.tagger.Linear.Dim, s.tagger.Linear.Dense = 0, nil // its trunk is not this one
	}
	return nil
}

// together trains the trunk on the gold of its corpora: what its states add to what the features say, whose weights stay.
func (s *session) together(ctx context.Context) error {
	learner, err := addTo(s.tagger, s.Trunk.Hidden, s.Tags, s.Trunk.FeatureDropout, s.Seed)
	if err != nil {
		return err
	}
	s.trainer, err = trunk.NewTrainer(s.backend, s.trunk, s.params, trunk.Options{
		Tokens: s.Trunk.StepTokens, Dropout: s.Trunk.Dropout, Seed: s.Seed,
	})
	if err != nil {
		return err
	}
	gold := s.gold(s.Trunk.Corpora)
	l := &joint{
		trunk: s.trainer, head: learner, dim: s.Trunk.Hidden, blind: s.Trunk.Blind, rng: rand.New(rand.NewPCG(s.Seed, 7)),
		rate: s.Trunk.Rate, documents: len(gold) * s.Trunk.Epochs,
	}
	if err := s.epochs(ctx, "trunk", s.Trunk.Epochs, l, gold); err != nil {
		return err
	}
	s.tagger = learner.tagger(0)
	s.params, err = s.trainer.Params()
	return err
}

// epochs learns from the documents several times.
func (s *session) epochs(ctx context.Context, stage string, n int, l lesson, docs []*document) error {
	for epoch := range n {
		loss, err := l.pass(ctx, docs)
		if err != nil {
			return err
		}
		s.progress(stage, epoch+1, n, fmt.Sprintf("loss %.4f a word", loss))
	}
	return nil
}

// alone is a lesson for a head without a trunk.
type alone struct {
	head *tagLearner
	rng  *rand.Rand
}

func (a *alone) pass(ctx context.Context, docs []*document) (float64, error) {
	loss, words := 0.0, 0
	for _, i := range a.rng.Perm(len(docs)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for _, x := range docs[i].sentences {
			loss += a.head.learn(docs[i], x, nil, nil)
		}
		words += len(docs[i].text.Words)
	}
	return loss / float64(max(1, words)), nil
}

// gold returns the training documents of corpora.
func (s *session) gold(corpora []string) []*document {
	var docs []*document
	for _, e := range s.held.Training(s.all) {
		if slices.Contains(corpora, e.Corpus) {
			docs = append(docs, goldDocument(&e, s.prepare.Prepare(e.Doc), s.Tags.Types, s.Tags.weight))
		}
	}
	return docs
}

// teacher learns from the gold with the lexicon's help.
func (s *session) teacher(ctx context.Context, names *lexicon.Lexicon, gold []*document) (*tagLearner, error) {
	l, err := newTagLearner(s.Tags, 0, s.Seed)
	if err != nil {
		return nil, err
	}
	for _, d := range gold {
		d.names = names.Features(d.text)
	}
	class := &alone{l, rand.New(rand.NewPCG(s.Seed, 6))}
	for epoch := range s.Silver.Epochs {
		loss, err := class.pass(ctx, gold)
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

// silver learns from the pool as the teacher tags it, with some gold among it: Silver.Gold documents for each of the pool.
func (s *session) silver(ctx context.Context, l lesson, teacher *tagLearner, names *lexicon.Lexicon, pool []*schemas.Document, gold []*document) error {
	weights, lean := make([]float32, len(s.Tags.Types)), make([]float32, len(s.Tags.Types))
	for k, typ := range s.Tags.Types {
		weights[k], lean[k] = s.Silver.Weight, s.Silver.Lean[typ]
	}
	random := rand.New(rand.NewPCG(s.Seed, 4))
	for start := 0; start < len(pool); start += chunk {
		end := min(start+chunk, len(pool))
		var docs []*document
		for _, doc := range pool[start:end] {
			d := plainDocument(s.prepare.Prepare(doc), len(s.Tags.Types))
			d.names = names.Features(d.text)
			teacher.suggest(d, weights, lean, s.Silver.Sure)
			d.names = nil
			docs = append(docs, d)
			if random.Float64() < s.Silver.Gold {
				docs = append(docs, gold[random.IntN(len(gold))])
			}
		}
		loss, err := l.pass(ctx, docs)
		if err != nil {
			return err
		}
		s.progress("silver", end, len(pool), fmt.Sprintf("loss %.4f a word", loss))
	}
	return nil
}
