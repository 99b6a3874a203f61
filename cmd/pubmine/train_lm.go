package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// trainLMCommand is pubmine train lm.
type trainLMCommand struct {
	Train      []flags.Name   `required:"" placeholder:"PATH,..." help:"Files and directories of texts; repeatable."`
	Dev        []flags.Name   `placeholder:"PATH,..." help:"Held-out texts (default: a fiftieth of the texts of --train, at most 500)."`
	Exclude    []flags.Name   `placeholder:"PATH,..." help:"Texts to keep out of training, by PMID, title or text, such as test sets."`
	New        flags.Name     `xor:"start" required:"" placeholder:"LAYERSxHIDDEN" help:"Train a new model of this size, such as 6x256, with a new vocabulary."`
	Base       flags.Name     `xor:"start" required:"" placeholder:"MODEL" help:"Fine-tune this model."`
	Heads      flags.Positive `placeholder:"N" help:"Attention heads of a new model (default: one per 64 of its width)."`
	Vocabulary flags.Positive `default:"8192" placeholder:"N" help:"Maximum vocabulary size of a new model (default ${default})."`
	Window     flags.Positive `placeholder:"N" help:"Length of the sequences in tokens (default: 512, or the maximum of the base)."`
	Attention  string         `enum:",causal,bidirectional" default:"" placeholder:"KIND" help:"causal predicts the next token, bidirectional masked words (default: that of the base, or causal)."`
	Epochs     flags.Positive `default:"1" placeholder:"N" help:"Number of epochs (default ${default})."`
	Steps      flags.Positive `placeholder:"N" help:"Number of steps, in place of --epochs."`
	Rate       flags.Above0   `placeholder:"X" help:"Peak learning rate (default: 0.256 divided by the width; a quarter of it with --base)."`
	Warmup     flags.Share    `default:"0.06" placeholder:"SHARE" help:"Share of the steps in which the learning rate rises (default ${default})."`
	Schedule   string         `enum:"cosine,inverse-sqrt" default:"cosine" help:"Decay of the learning rate: ${enum} (default ${default})."`
	Tokens     flags.Positive `default:"2048" placeholder:"N" help:"Tokens per batch (default ${default})."`
	Accumulate flags.Positive `default:"1" placeholder:"N" help:"Batches per step (default ${default})."`
	Dropout    flags.Share    `default:"0" placeholder:"SHARE" help:"Dropout probability (default ${default})."`
	Patience   flags.Positive `placeholder:"N" help:"Early stopping after N evaluations without a better loss (default: never)."`
	Average    flags.Positive `default:"1" placeholder:"N" help:"Average the parameters of the last N evaluations; 1 takes the best (default ${default})."`
	Licence    flags.Name     `default:"unknown" help:"Licence of the model, for its card."`
	loopFlags
	outFlags
	backendFlag
}

// Help is the description in pubmine train lm --help.
func (*trainLMCommand) Help() string {
	return example(
		"pubmine train lm --new 6x256 --train texts.jsonl --out my-lm",
		"pubmine generate --model my-lm --prompt 'Aspirin is'",
	) + `

Trains a new model (--new), or fine-tunes one (--base). ` + textsHelp + ` The parameters with the
least loss on the held-out texts are kept. A training that was stopped or killed resumes when the
same command is run again, and gives the same model.`
}

// Run runs the command.
func (c *trainLMCommand) Run(ctx context.Context, std streams) error {
	plan, err := c.plan()
	if err != nil {
		return err
	}
	dir, err := openModel(c.Out, std.out)
	if err != nil || dir == nil {
		return err
	}
	defer dir.Close()
	if err := c.read(&plan); err != nil {
		return err
	}
	plan.Loop.Progress = stepLines(std.err)
	report := func(format string, args ...any) { inert.Fprintf(std.err, format+"\n", args...) }
	outcome, err := lm.Run(ctx, plan, dir, report)
	if err != nil {
		return jobs.Resumable(ctx, err)
	}
	return c.print(std.out, outcome)
}

// plan is the training that the options describe, without texts.
func (c *trainLMCommand) plan() (lm.Plan, error) {
	plan := lm.Plan{
		Attention: c.Attention, Window: int(c.Window), Licence: string(c.Licence), Backend: c.Backend,
		Trainer: trunk.Options{
			Tokens: int(c.Tokens), Dropout: float64(c.Dropout), Seed: c.Seed, Precision: c.precision(),
		},
		Loop: loop.Options{
			Rate: float64(c.Rate), Warmup: float64(c.Warmup), Schedule: loop.Schedule(c.Schedule),
			Accumulate: int(c.Accumulate), Epochs: int(c.Epochs), Steps: int(c.Steps), Evaluate: int(c.Evaluate),
			Checkpoint: int(c.Checkpoint), Patience: int(c.Patience), Average: int(c.Average), Seed: c.Seed,
		},
	}
	if c.Dropout == 1 {
		return plan, exit.Usage("--dropout 1: give less than 1, as all values would be dropped")
	}
	if c.New != "" {
		var rest string
		n, _ := fmt.Sscanf(string(c.New), "%dx%d%s", &plan.New.Layers, &plan.New.Hidden, &rest)
		if n != 2 || plan.New.Layers < 1 || plan.New.Hidden < 1 {
			return plan, exit.Usage("--new %s: give layers and width, such as 6x256", c.New)
		}
		plan.New.Heads, plan.New.Vocabulary = int(c.Heads), int(c.Vocabulary)
	} else if err := c.openBase(&plan); err != nil {
		return plan, err
	}
	var err error
	plan.Name, err = c.name()
	return plan, err
}

// openBase opens the model to fine-tune, which needs no card.
func (c *trainLMCommand) openBase(plan *lm.Plan) error {
	dir, err := modelFiles(c.Base)
	if err != nil {
		return err
	}
	plan.Base, plan.BaseName = dir, filepath.Base(string(c.Base))
	if _, err := fs.Stat(dir, catalog.CardFile); err != nil {
		return nil
	}
	m, err := catalog.Resolve(string(c.Base))
	if err != nil {
		return exit.UsageError{Err: err}
	}
	plan.Base, plan.BaseName, plan.Sources = m.FS, m.ID(), m.Card.Training
	if plan.Licence == "unknown" {
		plan.Licence = m.Card.Licence
	}
	return nil
}

// read reads the texts.
func (c *trainLMCommand) read(plan *lm.Plan) error {
	var read [3][]*schemas.Document
	for i, paths := range [][]flags.Name{c.Train, c.Dev, c.Exclude} {
		for _, path := range paths {
			docs, err := readTexts(string(path))
			if err != nil {
				return err
			}
			read[i] = append(read[i], docs...)
		}
	}
	plan.Train, plan.Dev = lm.Split(read[0], read[1], read[2], c.Seed)
	for _, path := range c.Train {
		plan.Sources = append(plan.Sources, filepath.Base(string(path)))
	}
	return nil
}

// print prints the scores, and how to use the model.
func (c *trainLMCommand) print(w io.Writer, o lm.Outcome) error {
	dev := o.Score.Perplexity()
	dev.Data = "dev set"
	if err := eval.WritePerplexity(w, dev); err != nil {
		return err
	}
	inert.Fprintf(w, "\nThe best of %d evaluations is that after step %d of %d. Curves: %s\n", len(o.Curve),
		o.Best, o.Steps, filepath.Join(string(c.Out), lm.CurveFile))
	inert.Fprintf(w, "Evaluate it:      pubmine eval lm --model %s FILES\n", c.Out)
	if o.Config.Attention == biogpt.Bidirectional {
		_, err := inert.Fprintf(w,
			"Build on it:      pubmine train heads --tasks ner --base %s --train FILES --out DIR\n", c.Out)
		return err
	}
	_, err := inert.Fprintf(w, "Generate with it: pubmine generate --model %s --prompt TEXT\n", c.Out)
	return err
}
