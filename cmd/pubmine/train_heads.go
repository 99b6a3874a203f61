package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/model/catalog"
)

// trainHeadsCommand is pubmine train heads.
type trainHeadsCommand struct {
	datasetFlags
	Tasks   []string       `required:"" enum:"ner,relations,summary,answers,labels" placeholder:"TASK,..." help:"Tasks to learn: ${enum}."`
	Base    flags.Name     `default:"bundled" placeholder:"MODEL" help:"Model to build on (default ${default})."`
	OnlyNew bool           `help:"Keep no head of the base: the model serves the new types alone."`
	States  bool           `negatable:"" default:"true" help:"Use the states of the trunk as features. --no-states trains faster."`
	Epochs  flags.Positive `default:"30" placeholder:"N" help:"Maximum number of epochs (default ${default})."`
	outFlags
	backendFlag
}

// Help is the description in pubmine train heads --help.
func (*trainHeadsCommand) Help() string {
	return example(
		"pubmine train heads --tasks ner --train my.PubTator --out my-model",
		"pubmine run abstracts.xml --corpus C --model my-model",
	) + `

Every entity type of the documents gets its own CRF on top of the base model; the types of the
base are kept, and those in the documents are fine-tuned. Training stops early by the dev set, and
keeps the best epoch; training.html in the model directory shows the curves. A hundred abstracts
take about a minute. Training is deterministic; a stopped one starts from the beginning.

` + datasetHelp
}

// Run runs the command.
func (c *trainHeadsCommand) Run(ctx context.Context, std streams) error {
	base, err := catalog.Resolve(string(c.Base))
	if err != nil {
		return exit.UsageError{Err: err}
	}
	tags := train.FewShot()
	tags.Epochs = int(c.Epochs)
	o := train.FineTuneOptions{
		Tasks: c.Tasks, Base: base, OnlyNew: c.OnlyNew, States: c.States, Out: string(c.Out), Backend: c.Backend,
		Seed: c.Seed, Tags: tags,
	}
	if o.Name, err = c.name(); err != nil {
		return err
	}
	if o.Train, o.Dev, o.Sources, err = c.read(std.err); err != nil {
		return err
	}
	outcome, err := train.FineTune(ctx, o, progressLines(std.err))
	if err != nil {
		return jobs.Resumable(ctx, err)
	}
	return c.print(std.out, outcome)
}

// print prints the scores, and how to use the model.
func (c *trainHeadsCommand) print(w io.Writer, o train.Outcome) error {
	grid := markdown.NewTable("evaluated on", "type", "P", "R", "F1", "TP", "FP", "FN")
	for _, name := range o.Score.Subjects() {
		table := o.Score[name]
		grid.Row(scoreRow(table.Micro(), name.String(), "all")...)
		for _, typ := range table.Types() {
			grid.Row(scoreRow(table[typ], name.String(), typ)...)
		}
	}
	if len(o.Score) > 0 {
		if err := grid.Write(w); err != nil {
			return err
		}
	}
	if o.Answers != nil {
		inert.Fprintf(w, "\nAnswers: %s.\n", o.Answers)
	}
	if o.Dev > 0 {
		inert.Fprintf(w, "\nThe dev set has %d documents.\n", o.Dev)
	}
	if len(o.Curve) > 0 {
		inert.Fprintf(w, "Curves:      %s\n", filepath.Join(string(c.Out), train.CurveFile))
	}
	return printNext(w, c.Out)
}

// scoreRow is a row of a table of scores.
func scoreRow(c score.Count, labels ...string) []string {
	percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
	return append(labels, percent(c.Precision()), percent(c.Recall()), percent(c.F1()),
		fmt.Sprint(c.TP), fmt.Sprint(c.FP), fmt.Sprint(c.FN))
}
