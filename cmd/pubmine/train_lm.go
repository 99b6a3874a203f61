package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// taskLanguage is the task of predicting text.
const taskLanguage = "lm"

const textsHelp = `Texts are plain text (a document a line), JSON lines ({"title", "abstract"}, {"text"} or
{"paragraphs": [...]}), PubMed XML, or any of the annotated formats, plain or gzip; the content tells the format.`

// lmFlags are the options of training a language model.
type lmFlags struct {
	New        string   `placeholder:"LAYERSxHIDDEN" help:"Train a new model of this size, as 6x256, whose vocabulary is learned from the texts."`
	Heads      int      `placeholder:"N" help:"Attention heads of a new model (default: one for each 64 of its width)."`
	Vocabulary int      `default:"8192" placeholder:"N" help:"Pieces in the vocabulary of a new model, at most (default ${default})."`
	Window     int      `placeholder:"N" help:"Tokens that are seen at once (default 512, or what the base can)."`
	Attention  string   `enum:",causal,bidirectional" default:"" help:"causal predicts the next token, bidirectional masked words (default: that of the base, or causal)."`
	Exclude    []string `placeholder:"PATH,..." help:"Documents to keep out of training, by PubMed identifier, title or text, such as those that a model will be measured on."`
	Steps      int      `placeholder:"N" help:"Steps to take, in place of --epochs."`
	Rate       float64  `placeholder:"X" help:"Highest learning rate (default 0.256 by the width; a quarter of that with --base; with --generated 1e-5 for BioGPT's width, more for narrower models)."`
	Warmup     float64  `default:"0.06" placeholder:"SHARE" help:"Share of the steps in which the rate rises (default ${default})."`
	Schedule   string   `enum:"cosine,inverse-sqrt" default:"cosine" help:"How it falls: ${enum}, the latter as BioGPT's did."`
	Tokens     int      `placeholder:"N" help:"Tokens of a batch (default 2048; 1024 with --generated)."`
	Accumulate int      `placeholder:"N" help:"Batches of a step (default 1; with --generated 32, fewer with few documents)."`
	Dropout    float64  `placeholder:"SHARE" help:"Share of the values that are dropped (default 0; 0.1 with --generated, as BioGPT's)."`
	Precision  string   `enum:"auto,float32,bfloat16" default:"auto" help:"Of products: ${enum}; auto is bfloat16 on a GPU."`
	Evaluate   int      `placeholder:"N" help:"Measure every N steps (default: ten times in all, at least every epoch)."`
	Checkpoint int      `default:"200" placeholder:"N" help:"Save every N steps what is needed to go on (default ${default})."`
	Patience   int      `placeholder:"N" help:"Stop after N measurements that are no better than the best (default: never)."`
	Average    int      `placeholder:"N" help:"Make a model of the mean of the last N measured, not of the best (with --generated 5 by default; 1 takes the best)."`
	Licence    string   `default:"unknown" help:"Licence of the model, for its card."`
}

// lmTokens is the default of --tokens.
const lmTokens = 2048

// language trains a language model.
func (c *trainCommand) language(ctx context.Context, std streams) error {
	plan, err := c.plan()
	if err != nil {
		return err
	}
	folder, err := c.begin(std.out)
	if err != nil || folder == nil {
		return err
	}
	defer folder.Close()
	if err := c.readTexts(&plan); err != nil {
		return err
	}
	plan.Loop.Progress = stepLines(std.err)
	outcome, err := lm.Run(
		ctx, plan, cardTarget{folder}, folder.State(),
		func(format string, args ...any) { fmt.Fprintf(std.err, format+"\n", args...) },
	)
	if errors.Is(err, lm.ErrPlan) || errors.Is(err, loop.ErrOther) {
		return usage("%s: %w", c.Out, err)
	}
	if err != nil {
		return err
	}
	return c.tellLanguage(std, outcome)
}

// plan says what to train, from the options alone.
func (c *trainCommand) plan() (lm.Plan, error) {
	plan := lm.Plan{
		Attention: c.Attention, Window: c.Window, Licence: c.Licence, Backend: c.Backend,
		Trainer: trunk.Options{Tokens: cmp.Or(c.Tokens, lmTokens), Dropout: c.Dropout, Seed: c.Seed},
		Loop: loop.Options{
			Rate: c.Rate, Warmup: c.Warmup, Schedule: loop.Schedule(c.Schedule), Accumulate: c.Accumulate, Epochs: c.Epochs, Steps: c.Steps,
			Evaluate: c.Evaluate, Checkpoint: c.Checkpoint, Patience: c.Patience, Average: c.Average, Seed: c.Seed,
		},
	}
	if c.Precision != "auto" {
		plan.Trainer.Precision = biogpt.Precision(c.Precision)
	}
	switch {
	case len(c.Task) > 1:
		return plan, usage(
			"--task %s goes with no other task: train the language model first, and others on top of it with --base",
			taskLanguage,
		)
	case len(c.Train) == 0:
		return plan, usage("train --task %s: say with --train where the texts are", taskLanguage)
	case (c.New == "") == (c.Base == ""):
		return plan, usage(
			"train --task %s: give --new LAYERSxHIDDEN for a new model, or --base MODEL to train one further",
			taskLanguage,
		)
	case c.Dropout < 0 || c.Dropout >= 1 || c.Warmup < 0 || c.Warmup > 1 || c.Rate < 0:
		return plan, usage(
			"--dropout %v, --warmup %v, --rate %v: shares are from 0 to 1, rates more than 0", c.Dropout, c.Warmup,
			c.Rate,
		)
	case min(c.Epochs, c.Steps, c.Evaluate, c.Checkpoint, c.Patience, c.Average, c.Window, c.Heads, c.Tokens, c.Accumulate) < 0:
		return plan, usage("train --task %s: numbers of steps, tokens and the like are 1 or more", taskLanguage)
	}
	if c.New != "" {
		var rest string
		n, _ := fmt.Sscanf(c.New, "%dx%d%s", &plan.New.Layers, &plan.New.Hidden, &rest)
		if n != 2 || plan.New.Layers < 1 || plan.New.Hidden < 1 {
			return plan, usage("--new %s: give layers and width, as 6x256", c.New)
		}
		plan.New.Heads, plan.New.Vocabulary = c.Heads, c.Vocabulary
	} else if err := c.base(&plan); err != nil {
		return plan, err
	}
	var err error
	plan.Name, err = c.name()
	return plan, err
}

// base opens the model to go on from, which needs no card.
func (c *trainCommand) base(plan *lm.Plan) error {
	dir, err := vocabulary(c.Base)
	if err != nil {
		return err
	}
	plan.Base, plan.BaseName = dir, filepath.Base(c.Base)
	if _, err := fs.Stat(dir, catalog.CardFile); err != nil {
		return nil
	}
	m, err := catalog.Resolve(c.Base)
	if err != nil {
		return usageError{err}
	}
	plan.Base, plan.BaseName, plan.Sources = m.FS, m.ID(), m.Card.Training
	if plan.Licence == "unknown" {
		plan.Licence = m.Card.Licence
	}
	return nil
}

// readTexts reads what to learn from and to measure on.
func (c *trainCommand) readTexts(plan *lm.Plan) error {
	var read [3][]*schemas.Document
	for i, paths := range [][]string{c.Train, c.Dev, c.Exclude} {
		for _, path := range paths {
			docs, err := readTexts(path)
			if err != nil {
				return err
			}
			read[i] = append(read[i], docs...)
		}
	}
	plan.Train, plan.Dev = lm.Split(read[0], read[1], read[2], c.Seed)
	for _, path := range c.Train {
		plan.Sources = append(plan.Sources, filepath.Base(path))
	}
	return nil
}

func readTexts(path string) ([]*schemas.Document, error) {
	docs, err := dataset.ReadTexts(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageError{err}
	}
	return docs, err
}

// sayEvery is how often a line tells how training goes.
const sayEvery = 10 * time.Second

// stepLines prints how training goes, now and then, and what was measured.
func stepLines(w io.Writer) func(loop.Report) {
	last := time.Now()
	return func(r loop.Report) {
		if p := r.Point; p != nil {
			fmt.Fprintf(
				w, "step %d of %d, epoch %d: loss in training %.4f, on the held-out texts %.4f\n", r.Step, r.Steps,
				r.Epoch, p.Train, p.Dev,
			)
			last = time.Now()
		} else if time.Since(last) > sayEvery {
			fmt.Fprintf(w, "step %d of %d, epoch %d: loss %.4f, perplexity %.1f, %.0f tokens/s, %s left\n", r.Step, r.Steps, r.Epoch, r.Loss.Mean(),
				r.Loss.Perplexity(), r.TokensPerSecond, r.Left.Round(time.Second))
			last = time.Now()
		}
	}
}

// tellLanguage says what came of it, and what to do with it.
func (c *trainCommand) tellLanguage(std streams, o lm.Outcome) error {
	dev := o.Score.Perplexity()
	dev.Data = "dev set"
	if err := eval.WritePerplexity(std.out, dev); err != nil {
		return err
	}
	fmt.Fprintf(
		std.out, "\nThe best of %d measurements is that after step %d of %d. The curves: %s\n", len(o.Curve),
		o.Best, o.Steps, filepath.Join(c.Out, lm.CurveFile),
	)
	fmt.Fprintf(std.out, "Measure it: pubmine eval --task lm --model %s FILES\n", c.Out)
	if o.Config.Attention == biogpt.Bidirectional {
		_, err := fmt.Fprintf(
			std.out, "Build on it: pubmine train --task ner --base %s --train FILES --out DIR\n", c.Out,
		)
		return err
	}
	_, err := fmt.Fprintf(std.out, "Write with it: pubmine generate --model %s --prompt TEXT\n", c.Out)
	return err
}
