package main

import (
	"context"
	"io"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/train/prompttuning"
	"github.com/pubmine/pubmine/model/catalog"
)

// trainGenerateCommand is pubmine train generate.
type trainGenerateCommand struct {
	datasetFlags
	Tasks        string         `required:"" enum:"relations,answers" placeholder:"TASK" help:"Task to learn: ${enum}."`
	Base         flags.Name     `required:"" placeholder:"MODEL" help:"Causal model to fine-tune, such as biogpt."`
	Template     string         `enum:",bc5cdr,kd-dti,ddi,pubmedqa,hoc" default:"" placeholder:"NAME" help:"Form of source and target: bc5cdr, kd-dti, ddi, pubmedqa, hoc (default: by the documents)."`
	Pair         flags.Name     `placeholder:"TYPE,TYPE" help:"Entity types of subject and object, where the documents relate several pairs."`
	SoftTokens   flags.Positive `placeholder:"N" help:"Length of the soft prompt in tokens (default: 9; 1 for hoc)."`
	LossOnSource bool           `help:"Include the source in the loss, as in the training of BioGPT."`
	Epochs       flags.Positive `default:"100" placeholder:"N" help:"Number of epochs (default ${default})."`
	Rate         flags.Above0   `placeholder:"X" help:"Peak learning rate (default: 1e-5 for a width of 1024, more for narrower models)."`
	Tokens       flags.Positive `default:"1024" placeholder:"N" help:"Tokens per batch (default ${default})."`
	Accumulate   flags.Positive `placeholder:"N" help:"Batches per step (default: 32, fewer for small datasets)."`
	Dropout      flags.Share    `default:"0.1" placeholder:"SHARE" help:"Dropout probability (default ${default})."`
	Average      flags.Positive `placeholder:"N" help:"Average the parameters of the last N evaluations; 1 takes the best (default: 5, but at most --epochs)."`
	loopFlags
	outFlags
	backendFlag
}

// Help is the description in pubmine train generate --help.
func (*trainGenerateCommand) Help() string {
	return example("pubmine train generate --tasks relations --base biogpt --train cdr.PubTator --out cdr-model") + `

Fine-tunes all parameters of a BioGPT and a soft prompt, as BioGPT's authors did: the model then
generates the relations of a document, or the answer to the question in its title. It takes hours
on a GPU. A training that was stopped resumes when the same command is run again.

` + datasetHelp + ` The JSON files of BioGPT's authors are read, too.`
}

// Run runs the command.
func (c *trainGenerateCommand) Run(ctx context.Context, std streams) error {
	t, err := c.training()
	if err != nil {
		return err
	}
	dir, err := openModel(c.Out, std.out)
	if err != nil || dir == nil {
		return err
	}
	defer dir.Close()
	if t.Train, t.Dev, t.Sources, err = c.read(std.err); err != nil {
		return err
	}
	t.Train, t.Dev = dataset.HoldOut(t.Train, t.Dev, c.Seed)
	t.Out = dir
	t.Options.Progress = stepLines(std.err)
	o, err := prompttuning.Run(ctx, t)
	if err != nil {
		return jobs.Resumable(ctx, err)
	}
	return c.print(std.out, o)
}

// training is the training that the options describe, without documents.
func (c *trainGenerateCommand) training() (t prompttuning.Training, err error) {
	t.Plan = prompttuning.Plan{Task: c.Tasks, Template: c.Template, Soft: int(c.SoftTokens)}
	if c.Pair != "" {
		var ok bool
		if t.Plan.Subject, t.Plan.Object, ok = strings.Cut(string(c.Pair), ","); !ok || t.Plan.Subject == "" ||
			t.Plan.Object == "" {
			return t, exit.Usage("--pair %s: give the types of subject and object, such as Chemical,Disease", c.Pair)
		}
	}
	t.Backend = c.Backend
	t.Options = prompttuning.Options{
		Rate: float64(c.Rate), Epochs: int(c.Epochs), Accumulate: int(c.Accumulate), Tokens: int(c.Tokens),
		Evaluate: int(c.Evaluate), Average: int(c.Average), Dropout: float64(c.Dropout),
		Checkpoint: int(c.Checkpoint), Seed: c.Seed, Source: c.LossOnSource, Precision: c.precision(),
	}
	if c.Dropout == 0 {
		t.Options.Dropout = -1 // none; 0 is the default there
	}
	if t.Base, err = catalog.Resolve(string(c.Base)); err != nil {
		return t, exit.UsageError{Err: err}
	}
	t.Name, err = c.name()
	return t, err
}

// print prints the scores, and how to use the model.
func (c *trainGenerateCommand) print(w io.Writer, o prompttuning.Outcome) error {
	grid := markdown.NewTable("dev set", "P", "R", "F1", "TP", "FP", "FN")
	for _, name := range o.Score.Subjects() {
		grid.Row(scoreRow(o.Score[name].Micro(), name.Task+", "+name.Setting)...)
	}
	if err := grid.Write(w); err != nil {
		return err
	}
	inert.Fprintf(w, "\nTemplate %s, %d soft tokens; trained on %d documents in %d steps, ",
		o.Generation.Template, len(o.Generation.SoftPrompt), o.Trained, o.Steps)
	inert.Fprintf(w, "evaluated on %d; dev loss %.4f.\n", o.Measured, o.Dev.Mean())
	if o.Skipped > 0 {
		inert.Fprintf(w, "%d documents were skipped: they have no target.\n", o.Skipped)
	}
	return printNext(w, c.Out)
}
