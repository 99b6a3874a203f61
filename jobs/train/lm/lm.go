// Package lm trains language models on plain text, and measures them.
//
// A causal model learns to predict the next token; a bidirectional one, words that are masked: a
// quarter of them, whole, each piece replaced by <unk> (id 3), as BioGPT's vocabulary has no piece
// of its own for it; others in every epoch.
//
// A text is read as </s>, its tokens, and </s> at the end, as BioGPT's was, so that a model learns
// where texts end. It is cut where it is longer than the window, and short texts and ends of texts
// share a window. Documents of the development part, by PubMed identifier or title, are kept out of
// what is trained on.
//
// The model directory is whole when its card stands in it. Until then a run that was stopped or
// killed goes on where it was (package loop).
package lm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// Plan says what is trained, from what and how.
type Plan struct {
	Name, Licence string
	Sources       []string // where the texts come from, for the card
	Train, Dev    []*schemas.Document

	Base     fs.FS  // model directory to go on from; nil for a new model
	BaseName string // for the card and messages
	New      Sizes  // without a base
	// Attention is biogpt.Causal or biogpt.Bidirectional; empty for that of the base, causal
	// without one.
	Attention string
	Window    int // tokens that the model sees at once; 0 for all that the base can, 512 without one

	Trainer trunk.Options
	Loop    loop.Options // Vary and Start are set here, and a Rate where it is zero
	Backend string       // of package biogpt; empty for "auto"
}

// Sizes are those of a new model. FFN, the values in the middle of a layer, is four times Hidden
// where it is 0.
type Sizes struct{ Layers, Hidden, Heads, FFN, Vocabulary int }

// Outcome is what came of it.
type Outcome struct {
	loop.Result
	Score  Score // on the development part
	Config biogpt.Config
	Tokens int // to learn from, in an epoch
}

// newRate by the width is the learning rate of a new model: 1e-3 at 256, and about BioGPT's 2e-4 at
// its 1,024.
const newRate = 0.256

// ErrPlan is a mistake in what training was asked for.
var ErrPlan = errors.New("not possible")

func impossible(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrPlan, fmt.Sprintf(format, args...))
}

// Split holds a share of the documents out, at least one and at most some, where there is no
// development part, and keeps what is in that, or is to be excluded, away from training.
func Split(docs, dev, exclude []*schemas.Document, seed uint64) (train, development []*schemas.Document) {
	const (
		share = 50 // one in so many
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

// without returns the documents that are not among others, by PubMed identifier, title or text.
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
	say     func(format string, args ...any)
	words   *tokenizer.Tokenizer
	config  biogpt.Config
	params  biogpt.Params
	outcome Outcome
}

// Run trains a model, with the state of training in work, and writes its directory to out. say
// hears what is done. Mistakes in the plan are an ErrPlan.
func Run(
	ctx context.Context, p Plan, out Target, work loop.Files, say func(format string, args ...any),
) (Outcome, error) {
	s := session{Plan: p, say: say}
	if err := s.run(ctx, out, work); err != nil {
		return s.outcome, fmt.Errorf("train: %w", err)
	}
	return s.outcome, nil
}

func (s *session) run(ctx context.Context, out Target, work loop.Files) error {
	if len(s.Train) == 0 || len(s.Dev) == 0 {
		return impossible("%d documents to learn from and %d to measure on: both are needed", len(s.Train), len(s.Dev))
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
	s.say(
		"%d documents to learn from: %d tokens in %d windows; %d documents to measure on; %s, %s on %s",
		len(s.Train), s.outcome.Tokens, len(train), len(s.Dev), s.describe(), trainer.Options().Precision,
		backend.Class(),
	)
	if s.config.Attention == biogpt.Bidirectional {
		masks := newMasker(s.words)
		s.Loop.Vary = masks.mask
		for i := range dev {
			dev[i] = masks.mask(dev[i], rand.New(rand.NewPCG(maskSeed, uint64(i))))
		}
	}
	if s.outcome.Result, err = loop.Run(ctx, trainer, train, dev, work, s.Loop); err != nil {
		return err
	}
	if s.outcome.Score, err = Measure(ctx, trainer, s.words, s.Dev); err != nil {
		return err
	}
	return s.write(out)
}

// begin makes what training begins with: vocabulary, config and parameters.
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
	if s.words, err = tokenizer.Load(s.Base); err == nil {
		s.config, s.params, err = biogpt.Load(s.Base)
	}
	if err != nil {
		return fmt.Errorf("base %s: %w", s.BaseName, err)
	}
	if s.words.Size() > s.config.Vocab {
		return impossible(
			"base %s: its vocabulary has %d pieces, its token table %d rows", s.BaseName, s.words.Size(),
			s.config.Vocab,
		)
	}
	s.config.Attention = cmp.Or(s.Attention, s.config.Attention, biogpt.Causal)
	if s.Window > s.config.MaxPositions {
		return impossible("a window of %d: %s has %d positions", s.Window, s.BaseName, s.config.MaxPositions)
	}
	s.Window = cmp.Or(s.Window, s.config.MaxPositions)
	// A model that has learned its tables moves on with all parts alike; what BioGPT was fine-tuned
	// with.
	s.Trainer.TokenLR, s.Trainer.WeightDecay = cmp.Or(s.Trainer.TokenLR, 1), cmp.Or(s.Trainer.WeightDecay, 0.01)
	s.Loop.Rate = cmp.Or(s.Loop.Rate, newRate/4/float64(s.config.Hidden))
	s.Loop.Start = "base " + s.BaseName
	return nil
}

// fromNothing learns the vocabulary.
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
	words, err := tokenizer.Learn(counts, s.New.Vocabulary)
	if err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	s.words = words
	s.Window = cmp.Or(s.Window, 512)
	heads := cmp.Or(s.New.Heads, max(1, s.New.Hidden/64))
	s.config = biogpt.NewConfig(
		words.Size(), s.New.Hidden, s.New.Layers, heads, cmp.Or(s.New.FFN, 4*s.New.Hidden), s.Window,
		cmp.Or(s.Attention, biogpt.Causal),
	)
	if err := s.config.Validate(); err != nil {
		return impossible("%v", err)
	}
	s.params = biogpt.InitStructured(s.config, s.Loop.Seed)
	s.Loop.Rate = cmp.Or(s.Loop.Rate, newRate/float64(s.New.Hidden))
	s.Loop.Start = "new"
	s.say("vocabulary of %d pieces", words.Size())
	return nil
}

// examples cuts and packs texts.
func (s *session) examples(ctx context.Context, docs []*schemas.Document) ([]trunk.Example, error) {
	var parts []trunk.Example
	for _, d := range docs {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		parts = append(parts, cut(s.words.Encode(Text(d)), s.Window)...)
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
