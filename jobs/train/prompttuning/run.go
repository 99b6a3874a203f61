package prompttuning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights/checkpoint"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/text"
)

// Training is the data and the settings of a training.
type Training struct {
	Name    string
	Base    *catalog.Model
	Plan    Plan
	Train   []dataset.Example
	Dev     []dataset.Example // for the loss, and for the task when training has ended
	Sources []string          // names of the training data, for the card
	Backend string            // of package biogpt; empty for "auto"
	Options Options
	Out     *modeldir.Writer // holds the state of training until the model is complete
}

// Options are the options of training. The defaults are those of BioGPT's train.sh for BC5CDR, with
// learning rate and batch adapted to smaller models and data.
type Options struct {
	Rate       float64 // default 1e-5 for a width of 1,024, growing with (1024/width)², at most 1e-3
	Warmup     float64 // share of the steps; default 0.2
	Epochs     int     // default 100
	Accumulate int     // batches of a step; default 32, fewer if an epoch had fewer than 4 steps
	Tokens     int     // of a batch, with padding; default 1,024
	Evaluate   int     // measure every n steps; by default ten times in total, at least once per epoch
	Average    int     // mean of the parameters of the last n measurements, default 5; 1 takes the best
	Dropout    float64 // default 0.1; negative for none
	Checkpoint int     // save the state every n steps, in addition to after each measurement
	Seed       uint64
	Source     bool             // the loss includes source and soft tokens
	Precision  biogpt.Precision // of matrix products; default bfloat16 on a GPU
	Progress   func(loop.Report)
}

func (o Options) withDefaults(cfg biogpt.Config, examples []trunk.Example) Options {
	or := func(value *float64, fallback float64) {
		if *value == 0 {
			*value = fallback
		}
	}
	narrower := 1024 / float64(cfg.Hidden)
	or(&o.Rate, min(1e-3, 1e-5*max(1, narrower*narrower)))
	or(&o.Warmup, 0.2)
	or(&o.Dropout, 0.1)
	o.Dropout = max(0, o.Dropout)
	if o.Epochs == 0 {
		o.Epochs = 100
	}
	if o.Tokens == 0 {
		o.Tokens = 1024
	}
	if o.Average == 0 {
		o.Average = min(5, o.Epochs)
	}
	if o.Accumulate == 0 {
		tokens := 0
		for _, e := range examples {
			tokens += biogpt.Bucket(len(e.Tokens), cfg.MaxPositions)
		}
		o.Accumulate = max(1, min(32, int(math.Round(float64(tokens)/float64(o.Tokens)/4))))
	}
	return o
}

// Outcome is the result of training.
type Outcome struct {
	loop.Result
	Generation model.Generation
	Trained    int // documents of the training set
	Measured   int // documents of the dev set
	Skipped    int // documents without a target
	Score      score.Tables
}

// Run trains a model and writes its directory. A training that was stopped is resumed. Mistakes in
// the plan are an ErrPlan.
func Run(ctx context.Context, t Training) (Outcome, error) {
	s := session{Training: t}
	err := s.run(ctx)
	if err != nil {
		err = fmt.Errorf("train: %w", err)
	}
	return s.outcome, err
}

// session is one training.
type session struct {
	Training
	tok      *tokenizer.Tokenizer
	base     biogpt.Config
	config   biogpt.Config // with the rows of the soft tokens
	prompter *generate.Prompter
	outcome  Outcome
}

func (s *session) run(ctx context.Context) (err error) {
	if err := s.prepare(); err != nil {
		return err
	}
	if err := s.learn(ctx); err != nil {
		return err
	}
	return s.write(ctx)
}

// prepare reads the base and completes the plan.
func (s *session) prepare() (err error) {
	if s.base, err = biogpt.LoadConfig(s.Base.FS); err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	if s.base.Attention == biogpt.Bidirectional {
		return impossible(
			"base %s is bidirectional, so it cannot generate: choose a causal model, such as BioGPT",
			s.Base.Card.Name,
		)
	}
	if s.tok, err = tokenizer.Load(s.Base.FS); err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	if s.tok.Size() > s.base.Vocab {
		return fmt.Errorf(
			"base %s: its vocabulary has %d pieces, its configuration %d", s.Base.Card.Name, s.tok.Size(),
			s.base.Vocab,
		)
	}
	for _, list := range [][]dataset.Example{s.Train, s.Dev} {
		for i := range list {
			list[i] = list[i].WithConcepts()
		}
	}
	g, err := s.Plan.Generation(s.Train, s.tok.Size(), s.base.MaxPositions)
	if err != nil {
		return err
	}
	s.config = s.base
	s.config.Vocab = max(s.base.Vocab, s.tok.Size()+len(g.SoftPrompt))
	if s.prompter, err = generate.NewPrompter(g, s.tok); err != nil {
		return impossible("%v", err)
	}
	s.outcome.Generation = g
	return nil
}

// learn trains.
func (s *session) learn(ctx context.Context) error {
	learn, skipped := Examples(s.prompter, s.Train, s.Options.Source)
	dev, skippedDev := Examples(s.prompter, s.Dev, s.Options.Source)
	s.outcome.Trained, s.outcome.Measured, s.outcome.Skipped = len(learn), len(dev), skipped+skippedDev
	if len(learn) == 0 || len(dev) == 0 {
		return impossible(
			"%d documents of the training set and %d of the dev set have a target: both are needed", len(learn),
			len(dev),
		)
	}
	o := s.Options.withDefaults(s.config, learn)
	backend, err := device.OpenGradients(cmp.Or(s.Backend, "auto"))
	if err != nil {
		return err
	}
	defer backend.Close()
	file, err := checkpoint.Open(s.Base.FS)
	if err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	defer file.Close()
	if o.Precision == "" {
		o.Precision = biogpt.PrecisionOf(backend.Class())
	}
	trainer, err := trunk.NewTrainer(
		backend,
		s.config,
		Extended{Tensors: file, Rows: s.base.Vocab, Seed: o.Seed},
		trunk.Options{
			Tokens: o.Tokens, Dropout: o.Dropout, Seed: o.Seed, WeightDecay: 0.01, ClipNorm: -1, TokenLR: 1,
			Precision: o.Precision,
		},
	)
	if err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	defer trainer.Close()
	s.outcome.Result, err = loop.Run(ctx, trainer, learn, dev, s.Out.State(), loop.Options{
		Rate: o.Rate, Warmup: o.Warmup, Schedule: loop.InverseSqrt, Accumulate: o.Accumulate, Epochs: o.Epochs,
		Evaluate: o.Evaluate, Average: o.Average, Checkpoint: o.Checkpoint, Seed: o.Seed,
		Start: fmt.Sprintf("%s with %d rows", s.Base.ID(), s.config.Vocab), Progress: o.Progress,
	})
	if errors.Is(err, loop.ErrOther) {
		return impossible("%v", err)
	}
	return err
}

// measure measures the staged model on the dev set.
func (s *session) measure(ctx context.Context) error {
	g, err := biogpt.OpenGenerator(s.Out, cmp.Or(s.Backend, device.Auto), 16)
	if err != nil {
		return err
	}
	defer g.Close()
	var docs []dataset.Example
	for i := range s.Dev {
		if target(s.prompter, &s.Dev[i]) != "" {
			docs = append(docs, s.Dev[i])
		}
	}
	s.outcome.Score, err = Measure(ctx, g, g.Limits, s.prompter, text.New(s.tok, s.config.MaxPositions), docs)
	return err
}

// summary describes the model, for the card.
func (s *session) summary() string {
	return fmt.Sprintf(
		"%s, generated after %d soft tokens; all parameters were fine-tuned from %s on %s; "+
			"the licence is that of the base.",
		s.Plan.Task,
		len(s.prompter.SoftPrompt),
		s.Base.ID(),
		strings.Join(s.Sources, ", "),
	)
}
