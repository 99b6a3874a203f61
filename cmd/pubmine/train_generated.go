package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/train/prompttuning"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
)

// writtenFlags are the options of training a model that serves a task by writing.
type writtenFlags struct {
	Generated    bool   `help:"Learn to write the task's answer, with a causal model as --base."`
	Template     string `placeholder:"NAME" help:"What is shown and written: bc5cdr, kd-dti, ddi, pubmedqa, hoc. Default: by the documents."`
	Pair         string `placeholder:"TYPE,TYPE" help:"Types of the mentions that are related, the subject's first, where the documents relate several pairs."`
	SoftTokens   int    `placeholder:"N" help:"Learned tokens between source and target (default 9; 1 for hoc)."`
	LossOnSource bool   `help:"Learn to predict the source, too, as BioGPT's own training did."`
}

// written trains a model that writes.
func (c *trainCommand) written(ctx context.Context, std streams) error {
	t, err := c.training()
	if err != nil {
		return err
	}
	folder, err := c.begin(std.out)
	if err != nil || folder == nil {
		return err
	}
	defer folder.Close()
	if err := c.readAnswered(&t, std); err != nil {
		return err
	}
	t.Out, t.Work = cardTarget{folder}, folder.State()
	t.Options.Progress = stepLines(std.err)
	o, err := prompttuning.Run(ctx, t)
	if errors.Is(err, prompttuning.ErrPlan) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	return c.tellWritten(std, o)
}

// training says what to train, from the options alone.
func (c *trainCommand) training() (t prompttuning.Training, err error) {
	switch {
	case len(c.Task) != 1:
		return t, usage("train --generated: name one task with --task: relations or answers")
	case len(c.Train) == 0:
		return t, usage("train --generated: say with --train where the annotated documents are")
	case c.Base == "":
		return t, usage("train --generated: say with --base which model is to write")
	case min(c.Epochs, c.SoftTokens, c.Accumulate, c.Average, c.Tokens, c.Evaluate, c.Checkpoint) < 0 || !(c.Rate >= 0 && c.Dropout >= 0 && c.Dropout < 1):
		return t, usage(
			"train --generated: numbers of epochs, tokens and the like are 1 or more, --rate is more than 0, --dropout from 0 to 1",
		)
	}
	t.Plan = prompttuning.Plan{Task: c.Task[0], Template: c.Template, Soft: c.SoftTokens}
	if c.Pair != "" {
		var ok bool
		if t.Plan.Subject, t.Plan.Object, ok = strings.Cut(c.Pair, ","); !ok || t.Plan.Subject == "" ||
			t.Plan.Object == "" {
			return t, usage("--pair %s: give the types of subject and object, as Chemical,Disease", c.Pair)
		}
	}
	t.Backend = c.Backend
	t.Options = prompttuning.Options{
		Rate: c.Rate, Epochs: c.Epochs, Accumulate: c.Accumulate, Tokens: c.Tokens, Evaluate: c.Evaluate, Average: c.Average, Dropout: c.Dropout,
		Checkpoint: c.Checkpoint, Seed: c.Seed, Source: c.LossOnSource,
	}
	if c.Precision != "auto" {
		t.Options.Precision = biogpt.Precision(c.Precision)
	}
	if t.Base, err = catalog.Resolve(c.Base); err != nil {
		return t, usageError{err}
	}
	t.Name, err = c.name()
	return t, err
}

// readAnswered reads what is to be learned from.
func (c *trainCommand) readAnswered(t *prompttuning.Training, std streams) (err error) {
	if t.Train, err = c.read(c.Train, "train", std); err != nil {
		return err
	}
	if t.Dev, err = c.read(c.Dev, "dev", std); err != nil {
		return err
	}
	t.Train, t.Dev = dataset.HoldOut(t.Train, t.Dev, c.Seed)
	for _, path := range c.Train {
		t.Sources = append(t.Sources, filepath.Base(path))
	}
	return nil
}

// tellWritten says what came of it, and what to do with it.
func (c *trainCommand) tellWritten(std streams, o prompttuning.Outcome) error {
	grid := markdown.NewTable("development part", "P", "R", "F1", "right", "wrong", "missed")
	for _, name := range slices.Sorted(maps.Keys(o.Score)) {
		count := o.Score[name].Micro()
		percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
		grid.Row(o.Generation.Task+", "+name, percent(count.Precision()), percent(count.Recall()), percent(count.F1()),
			fmt.Sprint(count.TP), fmt.Sprint(count.FP), fmt.Sprint(count.FN))
	}
	if err := grid.Write(std.out); err != nil {
		return err
	}
	fmt.Fprintf(
		std.out,
		"\nTemplate %s, %d soft tokens; learned from %d documents in %d steps, measured on %d; loss %.4f.\n",
		o.Generation.Template, len(o.Generation.SoftPrompt), o.Learned, o.Steps, o.Measured, o.Dev.Mean(),
	)
	if o.Left > 0 {
		fmt.Fprintf(std.out, "%d documents were left out: there is nothing to write about them.\n", o.Left)
	}
	_, err := fmt.Fprintf(
		std.out,
		"Measure it: pubmine eval --model %s FILES\nUse it:     pubmine run INPUTS --corpus CORPUS --model %s\n",
		c.Out, c.Out,
	)
	return err
}
