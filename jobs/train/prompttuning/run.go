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

// Training says what a model is made of.
type Training struct {
	Name    string
	Base    *catalog.Model
	Plan    Plan
	Train   []dataset.Example
	Dev     []dataset.Example // what the loss and, in the end, the task are measured on
	Sources []string          // where the documents come from, for the card
	Backend string            // of package biogpt, to learn with; empty for "auto"
	Options Options
	Out     Folder     // the model directory
	Work    loop.Files // the state of the training
}

// Options of learning. Zeros stand for defaults, which are those of BioGPT's train.sh for BC5CDR,
// with its learning rate and batch made fit for smaller models and data: Rate 1e-5 at a width of
// 1,024, growing with the square of how much narrower the trunk is, 1e-3 at most; Accumulate 32
// batches of Tokens, fewer where an epoch had fewer than 4 steps.
type Options struct {
	Rate       float64
	Warmup     float64 // share of the steps, 0.2: 100 of BC5CDR's
	Epochs     int     // 100
	Accumulate int
	Tokens     int     // of a batch, padding counted; 1,024
	Evaluate   int     // measure every so many steps; ten times in all, at least once an epoch
	Average    int     // of the last so many measured, 5; 1 is the one with the least loss on Dev
	Dropout    float64 // 0.1; negative for none
	Checkpoint int     // save the state every so many steps, beside after each epoch
	Seed       uint64
	Source     bool             // the loss is that of source and soft tokens, too
	Precision  biogpt.Precision // of products; left out: bfloat16 on a GPU
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

// Outcome is how a training went.
type Outcome struct {
	loop.Result
	Generation model.Generation
	Learned    int // documents that were learned from
	Measured   int // documents that were measured on
	Left       int // documents that were left out, as they have nothing to write
	Score      map[string]score.Table
}

// Run trains a model and writes its directory, the card last. A training that was stopped goes on
// from its Work. Mistakes in what is asked for are an ErrPlan.
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
	words    *tokenizer.Tokenizer
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
			"base %s is bidirectional: its tokens see those behind them, so it cannot write; take a causal model, as BioGPT is",
			s.Base.Card.Name,
		)
	}
	if s.words, err = tokenizer.Load(s.Base.FS); err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	if s.words.Size() > s.base.Vocab {
		return fmt.Errorf(
			"base %s: its vocabulary has %d pieces, its config says %d", s.Base.Card.Name, s.words.Size(),
			s.base.Vocab,
		)
	}
	for _, list := range [][]dataset.Example{s.Train, s.Dev} {
		for i := range list {
			list[i] = list[i].WithConcepts()
		}
	}
	g, err := s.Plan.Generation(s.Train, s.words.Size(), s.base.MaxPositions)
	if err != nil {
		return err
	}
	s.config = s.base
	s.config.Vocab = max(s.base.Vocab, s.words.Size()+len(g.SoftPrompt))
	if s.prompter, err = generate.NewPrompter(g, s.words); err != nil {
		return impossible("%v", err)
	}
	s.outcome.Generation = g
	return nil
}

// learn runs the loop.
func (s *session) learn(ctx context.Context) error {
	learn, left := Examples(s.prompter, s.Train, s.Options.Source)
	dev, leftDev := Examples(s.prompter, s.Dev, s.Options.Source)
	s.outcome.Learned, s.outcome.Measured, s.outcome.Left = len(learn), len(dev), left+leftDev
	if len(learn) == 0 || len(dev) == 0 {
		return impossible(
			"%d documents to learn from and %d to measure on have something to write: both are needed", len(learn),
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
			Tokens: o.Tokens, Dropout: o.Dropout, Seed: o.Seed, WeightDecay: 0.01, ClipNorm: -1, TokenLR: 1, Precision: o.Precision,
		},
	)
	if err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	defer trainer.Close()
	s.outcome.Result, err = loop.Run(ctx, trainer, learn, dev, s.Work, loop.Options{
		Rate: o.Rate, Warmup: o.Warmup, Schedule: loop.InverseSqrt, Accumulate: o.Accumulate, Epochs: o.Epochs, Evaluate: o.Evaluate, Average: o.Average, Checkpoint: o.Checkpoint, Seed: o.Seed,
		Start: fmt.Sprintf("%s with %d rows", s.Base.ID(), s.config.Vocab), Progress: o.Progress,
	})
	if errors.Is(err, loop.ErrOther) {
		return impossible("%v", err)
	}
	return err
}

// measure lets the model that was written so far write about the development documents.
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
	s.outcome.Score, err = Measure(ctx, g, g.Limits, s.prompter, text.New(s.words, s.config.MaxPositions), docs)
	return err
}

// summary is a line about what was learned, for the card.
func (s *session) summary() string {
	return fmt.Sprintf(
		"%s, written after %d soft tokens; all parameters were learned from those of %s, with %s; the licence is that of the base.",
		s.Plan.Task, len(s.prompter.SoftPrompt), s.Base.ID(), strings.Join(s.Sources, ", "),
	)
}
