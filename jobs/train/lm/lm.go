// Package lm trains language models on plain text, and measures them.
//
// A causal model is trained to predict the next token. A bidirectional one is trained to predict
// masked words: in every epoch another quarter of the words, each whole. A masked piece is replaced
// by <unk> (id 3), because the vocabulary of BioGPT has no mask token.
//
// The input is </s>, the tokens of a text, and </s> at its end, as BioGPT's is, so that a model
// learns where texts end. Texts that are longer than the window are cut; short texts and the ends
// of long ones share windows. Documents of the dev set, by PubMed identifier or title, are removed
// from the training set.
//
// The state of a training that was stopped or killed is in the model directory, and the next Run
// resumes it (packages modeldir and loop).
package lm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// Plan is the data and the settings of a training.
type Plan struct {
	Name, Licence string
	Sources       []string // names of the training data, for the card
	Train, Dev    []*schemas.Document

	Base     fs.FS  // model directory with the initial parameters; nil for a new model
	BaseName string // in the card and in messages
	New      Sizes  // without a Base
	// Attention is biogpt.Causal or biogpt.Bidirectional. The default is that of the base, or
	// causal.
	Attention string
	Window    int // tokens; the default is that of the base, or 512

	Trainer trunk.Options
	Loop    loop.Options // Run sets Vary and Start, and a Rate of zero
	Backend string       // of package biogpt; empty for "auto"
}

// Sizes are the sizes of a new model. The default of FFN is four times Hidden.
type Sizes struct{ Layers, Hidden, Heads, FFN, Vocabulary int }

// Outcome is the result of training.
type Outcome struct {
	loop.Result
	Score  Score // on the dev set
	Config biogpt.Config
	Tokens int // of an epoch
}

// newRate divided by Hidden is the default learning rate of a new model: 1e-3 for 256, and about
// BioGPT's 2e-4 for its 1,024.
const newRate = 0.256

// ErrPlan is a mistake in a plan.
var ErrPlan = errors.New("not possible")

func impossible(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrPlan, fmt.Sprintf(format, args...))
}

// Split returns the training set and the dev set. Without a dev set, it holds out a fiftieth of the
// documents, at most 500. Documents of the dev set and excluded ones are removed from training.
func Split(docs, dev, exclude []*schemas.Document, seed uint64) (train, development []*schemas.Document) {
	const (
		share = 50
		most  = 500
	)
	docs = without(docs, exclude)
	if len(dev) == 0 && len(docs) > 0 {
		chosen := make(map[int]bool)
		for _, i := range rand.New(rand.NewPCG(seed, 13)).Perm(len(docs))[:min(most, max(1, len(docs)/share))] {
			chosen[i] = true
		}
		for i, d := range docs {
			if chosen[i] {
				dev = append(dev, d)
			}
		}
	}
	return without(docs, dev), dev
}

// without returns the documents that are not among others, compared by PubMed identifier, title and
// text.
func without(docs, others []*schemas.Document) (kept []*schemas.Document) {
	examples := make([]dataset.Example, len(others))
	texts := make(map[string]bool)
	for i, d := range others {
		examples[i] = dataset.Example{Split: "dev", Doc: d}
		texts[Text(d)] = true
	}
	held := dataset.NewHeldOut(examples)
	for _, d := range docs {
		if !held.Has(d) && !texts[Text(d)] {
			kept = append(kept, d)
		}
	}
	return kept
}

// session is one run of a Plan.
type session struct {
	Plan
	log     func(format string, args ...any)
	tok     *tokenizer.Tokenizer
	config  biogpt.Config
	params  biogpt.Params
	outcome Outcome
}

// Run trains a model and writes it to dir, which holds the state of training until then. log is
// called with messages on what is being done. Mistakes in the plan are an ErrPlan.
func Run(
	ctx context.Context, p Plan, dir *modeldir.Writer, log func(format string, args ...any),
) (Outcome, error) {
	s := session{Plan: p, log: log}
	if err := s.run(ctx, dir); err != nil {
		return s.outcome, fmt.Errorf("train: %w", err)
	}
	return s.outcome, nil
}

func (s *session) run(ctx context.Context, dir *modeldir.Writer) error {
	if len(s.Train) == 0 || len(s.Dev) == 0 {
		return impossible(
			"%d documents in the training set and %d in the dev set: both are needed", len(s.Train), len(s.Dev),
		)
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	backend, err := device.OpenGradients(cmp.Or(s.Backend, "auto"))
	if err != nil {
		return err
	}
	defer backend.Close()
	if s.Trainer.Precision == "" {
		s.Trainer.Precision = biogpt.PrecisionOf(backend.Class())
	}
	trainer, err := trunk.NewTrainer(backend, s.config, s.params, s.Trainer)
	if err != nil {
		return err
	}
	defer trainer.Close()
	s.params = nil // they are on the device now
	train, err := s.examples(ctx, s.Train)
	if err != nil {
		return err
	}
	dev, err := s.examples(ctx, s.Dev)
	if err != nil {
		return err
	}
	for _, e := range train {
		s.outcome.Tokens += len(e.Tokens)
	}
	s.log(
		"training set: %d documents, %d tokens in %d windows; dev set: %d documents; %s, %s on %s",
		len(s.Train), s.outcome.Tokens, len(train), len(s.Dev), s.describe(), trainer.Options().Precision,
		backend.Class(),
	)
	if s.config.Attention == biogpt.Bidirectional {
		masks := newMasker(s.tok)
		s.Loop.Vary = masks.mask
		for i := range dev {
			dev[i] = masks.mask(dev[i], rand.New(rand.NewPCG(maskSeed, uint64(i))))
		}
	}
	if s.outcome.Result, err = loop.Run(ctx, trainer, train, dev, dir.State(), s.Loop); err != nil {
		return err
	}
	if s.outcome.Score, err = Measure(ctx, trainer, s.tok, s.Dev); err != nil {
		return err
	}
	return s.write(dir)
}

// begin sets vocabulary, configuration and initial parameters.
func (s *session) begin(ctx context.Context) (err error) {
	if s.Base != nil {
		err = s.fromBase()
	} else {
		err = s.fromNothing(ctx)
	}
	s.outcome.Config = s.config
	return err
}

func (s *session) fromBase() (err error) {
	if s.tok, err = tokenizer.Load(s.Base); err == nil {
		s.config, s.params, err = biogpt.Load(s.Base)
	}
	if err != nil {
		return fmt.Errorf("base %s: %w", s.BaseName, err)
	}
	if s.tok.Size() > s.config.Vocab {
		return impossible(
			"base %s: its vocabulary has %d pieces, its token table %d rows", s.BaseName, s.tok.Size(),
			s.config.Vocab,
		)
	}
	s.config.Attention = cmp.Or(s.Attention, s.config.Attention, biogpt.Causal)
	if s.Window > s.config.MaxPositions {
		return impossible("a window of %d: %s has %d positions", s.Window, s.BaseName, s.config.MaxPositions)
	}
	s.Window = cmp.Or(s.Window, s.config.MaxPositions)
	// As BioGPT was fine-tuned: one rate for all parameters, because the tables are trained
	// already.
	s.Trainer.TokenLR, s.Trainer.WeightDecay = cmp.Or(s.Trainer.TokenLR, 1), cmp.Or(s.Trainer.WeightDecay, 0.01)
	s.Loop.Rate = cmp.Or(s.Loop.Rate, newRate/4/float64(s.config.Hidden))
	s.Loop.Start = "base " + s.BaseName
	return nil
}

// fromNothing sets up a new model, and learns its vocabulary.
func (s *session) fromNothing(ctx context.Context) error {
	counts := map[string]int{}
	for _, d := range s.Train {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for _, w := range tokenizer.Words(Text(d)) {
			counts[w]++
		}
	}
	tok, err := tokenizer.Learn(counts, s.New.Vocabulary)
	if err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	s.tok = tok
	s.Window = cmp.Or(s.Window, 512)
	heads := cmp.Or(s.New.Heads, max(1, s.New.Hidden/64))
	s.config = biogpt.NewConfig(
		tok.Size(), s.New.Hidden, s.New.Layers, heads, cmp.Or(s.New.FFN, 4*s.New.Hidden), s.Window,
		cmp.Or(s.Attention, biogpt.Causal),
	)
	if err := s.config.Validate(); err != nil {
		return impossible("%v", err)
	}
	s.params = biogpt.InitStructured(s.config, s.Loop.Seed)
	s.Loop.Rate = cmp.Or(s.Loop.Rate, newRate/float64(s.New.Hidden))
	s.Loop.Start = "new"
	s.log("vocabulary of %d pieces", tok.Size())
	return nil
}

// examples cuts texts into windows and packs them.
func (s *session) examples(ctx context.Context, docs []*schemas.Document) ([]trunk.Example, error) {
	var parts []trunk.Example
	for _, d := range docs {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		parts = append(parts, cut(s.tok.Encode(Text(d)), s.Window)...)
	}
	return pack(parts, s.Window), nil
}

func (s *session) describe() string {
	c := s.config
	return fmt.Sprintf(
		"%d layers of %d, %d heads, %d positions, %s", c.Layers, c.Hidden, c.Heads, c.MaxPositions,
		cmp.Or(c.Attention, biogpt.Causal),
	)
}
