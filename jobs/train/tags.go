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
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// lesson is a way to learn from documents.
type lesson interface {
	// pass learns from every document once, in an order of its own, and returns the mean loss of a
	// word.
	pass(ctx context.Context, docs []*document) (float64, error)
}

// tags trains the head for mentions, and then the trunk to add to it.
func (s *session) tags(ctx context.Context) error {
	var teacher *teacher
	var forHead, forTrunk []*schemas.Document
	var err error
	if s.Silver.Documents > 0 && s.Base == "" || s.Trunk.Documents > 0 {
		if teacher, err = s.teach(ctx); err != nil {
			return err
		}
		if forHead, forTrunk, err = s.poolDocuments(ctx); err != nil {
			return err
		}
	}
	if s.Base != "" {
		err = s.readBase()
	} else {
		err = s.features(ctx, teacher, forHead)
	}
	if err != nil {
		return err
	}
	if s.Trunk.learns() {
		if err := s.measure(ctx, "features only", s.finished(s.tagger)); err != nil {
			return err
		}
		if err := s.together(ctx, teacher, forTrunk); err != nil {
			return err
		}
	}
	s.tagger = s.finished(s.tagger)
	return s.measure(ctx, "", s.tagger)
}

// finished returns the tagger with what is chosen on development parts.
func (s *session) finished(t *heads.Tagger) *heads.Tagger {
	linear := *t.Linear
	linear.Bias = slices.Clone(linear.Bias)
	for k, typ := range t.Types {
		linear.Bias[3*k] -= s.Tags.OutsideBias[typ]
	}
	return &heads.Tagger{
		Types: t.Types, Linear: &linear, CRF: t.CRF,
		Repeat: slices.Repeat([]float32{s.Tags.RepeatBonus}, len(t.Types)),
	}
}

// features trains the head on features alone, on pool and gold.
func (s *session) features(ctx context.Context, teacher *teacher, pool []*schemas.Document) error {
	learner, err := newTagLearner(s.Tags, 0, s.Seed)
	if err != nil {
		return err
	}
	gold := s.gold(s.Tags.Corpora)
	l := &alone{learner, rand.New(rand.NewPCG(s.Seed, 3))}
	if err := s.silver(ctx, "silver", l, teacher, pool, gold); err != nil {
		return err
	}
	if err := s.epochs(ctx, "tags", s.Tags.Epochs, l, gold); err != nil {
		return err
	}
	s.tagger = learner.tagger(s.Tags.Threshold)
	return nil
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

// readBase takes the head of an earlier model instead of training one, and its trunk unless that is
// to be trained.
func (s *session) readBase() (err error) {
	if !s.Trunk.learns() {
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
	if s.Trunk.learns() {
		s.tagger.Linear.Dim, s.tagger.Linear.Dense = 0, nil // its trunk is not this one
	}
	return nil
}

// together trains the trunk on documents of the pool that the head has not seen: what its states
// add to what the features say, whose weights stay.
func (s *session) together(ctx context.Context, teacher *teacher, pool []*schemas.Document) error {
	learner, err := addTo(s.tagger, s.Trunk.Hidden, s.Tags, s.Trunk.FeatureDropout, s.Seed)
	if err != nil {
		return err
	}
	s.trainer, err = trunk.NewTrainer(s.backend, s.trunk, s.params, trunk.Options{
		Tokens: s.Trunk.StepTokens, Dropout: s.Trunk.Dropout, Seed: s.Seed, TokenLR: s.Trunk.TokenRate,
	})
	if err != nil {
		return err
	}
	gold := s.gold(s.Trunk.Corpora)
	l := &joint{
		trunk: s.trainer, head: learner, dim: s.Trunk.Hidden, blind: s.Trunk.FeatureMask, rng: rand.New(rand.NewPCG(s.Seed, 7)),
		rate: s.Trunk.Rate, documents: len(pool) + len(gold)*s.Trunk.Epochs,
	}
	if err := s.silver(ctx, "trunk", l, teacher, pool, nil); err != nil {
		return err
	}
	if err := s.epochs(ctx, "trunk on gold", s.Trunk.Epochs, l, gold); err != nil {
		return err
	}
	s.tagger = learner.tagger(0)
	if s.params, err = s.trainer.Params(); err != nil {
		return err
	}
	alone := *s.tagger.Linear
	alone.Table = nil
	err = s.measure(
		ctx, "trunk only", s.finished(&heads.Tagger{Types: s.tagger.Types, Linear: &alone, CRF: s.tagger.CRF}),
	)
	if err != nil {
		return err
	}
	for i := range s.tagger.Linear.Dense {
		s.tagger.Linear.Dense[i] *= s.Trunk.StateWeight
	}
	return nil
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
