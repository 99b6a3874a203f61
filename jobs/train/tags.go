package train

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// epochRunner trains on documents.
type epochRunner interface {
	// epoch trains on every document once, in random order, and returns the mean loss per word.
	epoch(ctx context.Context, docs []*document) (float64, error)
}

// headRunner trains a tag head on features and, for documents that have them, fixed states.
type headRunner struct {
	head *tagLearner
	rng  *rand.Rand
}

func (r *headRunner) epoch(ctx context.Context, docs []*document) (float64, error) {
	loss, words := 0.0, 0
	for _, i := range r.rng.Perm(len(docs)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for _, s := range docs[i].sentences {
			loss += r.head.step(docs[i], s, docs[i].states, nil)
		}
		words += len(docs[i].text.Words)
	}
	return loss / float64(max(1, words)), nil
}

// trainTags trains the tag head on features, and then the trunk below it.
func (t *trainer) trainTags(ctx context.Context) error {
	p := t.tags
	for _, part := range p.dev {
		samples, err := t.samples(ctx, part.examples, "dev set")
		if err != nil {
			return err
		}
		t.dev = append(t.dev, devSamples{part.name, samples})
	}
	var teacher *teacher
	if p.silver != nil {
		var err error
		if teacher, err = t.trainTeacher(ctx); err != nil {
			return err
		}
	}
	if t.tagger = p.fixed; t.tagger == nil {
		if err := t.trainFeatures(ctx, teacher); err != nil {
			return err
		}
	}
	if p.joint != nil {
		if err := t.measureTags(ctx, "features only", p.settings.withBias(t.tagger)); err != nil {
			return err
		}
		if err := t.trainJoint(ctx, teacher); err != nil {
			return err
		}
	}
	t.tagger = p.settings.withBias(t.tagger)
	if err := t.measureTags(ctx, "", t.tagger); err != nil {
		return err
	}
	var err error
	t.tagger, err = joinTypes(t.tagger, p.beside)
	return err
}

// withBias returns the tagger with the settings that are chosen on dev sets: Tags.OutsideBias and
// Tags.RepeatBonus.
func (o Tags) withBias(t *heads.Tagger) *heads.Tagger {
	linear := *t.Linear
	linear.Bias = slices.Clone(linear.Bias)
	for k, typ := range t.Types {
		linear.Bias[3*k] -= biasOf(o.OutsideBias, typ)
	}
	return &heads.Tagger{
		Types: t.Types, Linear: &linear, CRF: t.CRF,
		Repeat: slices.Repeat([]float32{o.RepeatBonus}, len(t.Types)),
	}
}

// trainFeatures trains the head on silver and gold documents.
func (t *trainer) trainFeatures(ctx context.Context, teacher *teacher) error {
	p, dim := t.tags, 0
	if t.engine != nil {
		dim = t.engine.Dim()
	}
	learner, err := newTagLearner(p.settings, dim, t.seed)
	if err != nil {
		return err
	}
	if err := learner.warmStart(p.warm); err != nil {
		return err
	}
	gold, err := t.documents(ctx, p.train)
	if err != nil {
		return err
	}
	runner := &headRunner{learner, rand.New(rand.NewPCG(t.seed, 3))}
	if teacher != nil {
		if err := t.silverEpoch(ctx, "silver", runner, teacher, p.silver.head, gold); err != nil {
			return err
		}
	}
	if p.settings.Patience > 0 {
		return t.selectEpoch(ctx, runner, gold)
	}
	if err := t.epochs(ctx, "tags", p.settings.Epochs, runner, gold); err != nil {
		return err
	}
	t.tagger = learner.tagger(p.settings.Threshold)
	return nil
}

// epochs trains for n epochs.
func (t *trainer) epochs(ctx context.Context, stage string, n int, r epochRunner, docs []*document) error {
	for epoch := range n {
		loss, err := r.epoch(ctx, docs)
		if err != nil {
			return err
		}
		t.progress(stage, epoch+1, n, fmt.Sprintf("loss %.4f per word", loss))
	}
	return nil
}

// trainJoint trains the trunk and the weights of the head on its states. The weights on features
// stay fixed, and the silver documents are not those that the head was trained on, so that the
// features predict them as they predict new text.
func (t *trainer) trainJoint(ctx context.Context, teacher *teacher) error {
	p := t.tags.joint
	o := p.settings
	learner, err := newStateLearner(t.tagger, o.Hidden, t.tags.settings, o.FeatureDropout, t.seed)
	if err != nil {
		return err
	}
	network, err := trunk.NewTrainer(t.backend, t.trunk.config, t.trunk.params, trunk.Options{
		Tokens: o.StepTokens, Dropout: o.Dropout, Seed: t.seed, TokenLR: o.TokenRate,
	})
	if err != nil {
		return err
	}
	defer network.Close()
	gold, err := t.documents(ctx, p.train)
	if err != nil {
		return err
	}
	runner := &jointRunner{
		trunk: network, head: learner, dim: o.Hidden, featureMask: o.FeatureMask,
		rng: rand.New(rand.NewPCG(t.seed, 7)), rate: o.Rate, documents: len(gold) * o.Epochs,
	}
	if teacher != nil {
		runner.documents += len(t.tags.silver.trunk)
		if err := t.silverEpoch(ctx, "trunk, silver", runner, teacher, t.tags.silver.trunk, nil); err != nil {
			return err
		}
	}
	if err := t.epochs(ctx, "trunk, gold", o.Epochs, runner, gold); err != nil {
		return err
	}
	t.tagger = learner.tagger(0)
	if t.trunk.params, err = network.Params(); err != nil {
		return err
	}
	statesOnly := *t.tagger.Linear
	statesOnly.Table = nil
	only := &heads.Tagger{Types: t.tagger.Types, Linear: &statesOnly, CRF: t.tagger.CRF}
	if err := t.measureTags(ctx, "trunk only", t.tags.settings.withBias(only)); err != nil {
		return err
	}
	for i := range t.tagger.Linear.Dense {
		t.tagger.Linear.Dense[i] *= o.StateWeight
	}
	return nil
}

// documents prepares gold examples for the tag head.
func (t *trainer) documents(ctx context.Context, examples []dataset.Example) ([]*document, error) {
	samples, err := t.samples(ctx, examples, "training set")
	if err != nil {
		return nil, err
	}
	docs := make([]*document, len(samples))
	for i := range samples {
		docs[i] = labelledDocument(&samples[i].Example, samples[i].Text, t.tags.settings.Types, t.tags.settings.weight)
		docs[i].states = samples[i].wordStates()
	}
	return docs, nil
}

// joinTypes returns the learned tagger joined with the other types of another one, which may be
// nil.
func joinTypes(learned, others *heads.Tagger) (*heads.Tagger, error) {
	if others == nil {
		return learned, nil
	}
	kept := slices.DeleteFunc(
		slices.Clone(others.Types), func(t string) bool { return slices.Contains(learned.Types, t) },
	)
	if len(kept) == 0 {
		return learned, nil
	}
	others, err := others.Select(kept...)
	if err != nil {
		return nil, err
	}
	joined, err := heads.Join(others, learned)
	if err != nil {
		return nil, impossible(
			"%s joined with the base's %s: %v: train on fewer types, or drop the types of the base",
			strings.Join(learned.Types, ", "), strings.Join(kept, ", "), err,
		)
	}
	return joined, nil
}

// measureTags measures a tagger on the dev sets, through the stage that a run uses, in a setting
// such as "features only".
func (t *trainer) measureTags(ctx context.Context, setting string, tagger *heads.Tagger) error {
	find, err := t.finder(ctx, tagger)
	if err != nil {
		return err
	}
	defer find.Close()
	measured := score.Tables{}
	for _, dev := range t.dev {
		table := score.Table{}
		if err := find.measure(dev.samples, table); err != nil {
			return err
		}
		measured[score.Subject{Task: schemas.TaskNER, Data: dev.data, Setting: setting}] = table
	}
	maps.Copy(t.outcome.Score, measured)
	t.progress("measured", 1, 1, inOneLine(measured))
	return nil
}
