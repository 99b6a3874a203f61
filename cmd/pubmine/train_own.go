package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/model/catalog"
)

// ownFlags are the options of training on one's own annotations.
type ownFlags struct {
	Train     []string `placeholder:"PATH,..." help:"Files and folders of annotated documents, or of texts, to learn from; may be given several times."`
	Dev       []string `placeholder:"PATH,..." help:"Those to measure on, and to choose the best by. Default: a tenth of the documents of --train; of texts a fiftieth, at most 500."`
	Base      string   `placeholder:"MODEL" help:"Model to build on: \"bundled\", the default but for --task lm, or a model directory."`
	OnlyNew   bool     `help:"Make a model of the new types alone."`
	States    bool     `negatable:"" default:"true" help:"Let the new types read the trunk's states beside the words; --no-states trains faster."`
	AsWritten bool     `help:"Keep the names of types as they are written: without, a Drug is a Chemical, a Protein a Gene, and so on."`
	Epochs    int      `default:"0" placeholder:"N" help:"Passes over the documents, at most (default 30; of texts 1; 100 with --generated)."`
	Seed      uint64   `default:"1" help:"Seed: another one makes another model."`
	Name      string   `help:"Name of the model (default: that of its directory)."`
}

// own trains on annotations.
func (c *trainCommand) own(ctx context.Context, std streams) error {
	switch {
	case len(c.Task) == 0:
		return usage("train: give a recipe, or say what to learn with --task ner and from what with --train FILES")
	case len(c.Train) == 0:
		return usage("train --task: say with --train where the annotated documents are")
	case c.Epochs < 0:
		return usage("--epochs %d: give a number of 1 or more", c.Epochs)
	}
	base, err := catalog.Resolve(cmp.Or(c.Base, catalog.Bundled))
	if err != nil {
		return usageError{err}
	}
	learn, err := c.read(c.Train, "train", std)
	if err != nil {
		return err
	}
	dev, err := c.read(c.Dev, "dev", std)
	if err != nil {
		return err
	}
	tags, patience := train.FewShot()
	if c.Epochs > 0 {
		tags.Epochs = c.Epochs
	}
	o := train.FineTune{
		Train: learn, Dev: dev, Tasks: c.Task, Base: base, OnlyNew: c.OnlyNew, States: c.States, Out: c.Out, Backend: c.Backend,
		Seed: c.Seed, Tags: tags, Patience: patience,
	}
	for _, path := range c.Train {
		o.Sources = append(o.Sources, filepath.Base(path))
	}
	if o.Name, err = c.name(); err != nil {
		return err
	}
	outcome, err := train.RunFineTune(ctx, o, progressLines(std))
	if errors.Is(err, train.ErrPlan) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	return c.tell(std, outcome)
}

// name is what the model is called.
func (c *trainCommand) name() (string, error) {
	if c.Name != "" {
		return c.Name, nil
	}
	absolute, err := filepath.Abs(c.Out)
	return filepath.Base(absolute), err
}

// read reads annotated documents from several paths.
func (c *trainCommand) read(paths []string, split string, std streams) (all []dataset.Example, err error) {
	for _, path := range paths {
		examples, err := readAnnotated(path, split, c.AsWritten, std.err)
		if err != nil {
			return nil, err
		}
		all = append(all, examples...)
	}
	return all, nil
}

// tell says what came of it, and what to do with it.
func (c *trainCommand) tell(std streams, o train.Outcome) error {
	grid := markdown.NewTable("measured on", "type", "P", "R", "F1", "right", "wrong", "missed")
	for _, name := range o.Score.Subjects() {
		table := o.Score[name]
		for _, typ := range append([]string{""}, table.Types()...) {
			count, label := table[typ], typ
			if typ == "" {
				count, label = table.Micro(), "all"
			}
			percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
			grid.Row(name.String(), label, percent(count.Precision()), percent(count.Recall()), percent(count.F1()),
				fmt.Sprint(count.TP), fmt.Sprint(count.FP), fmt.Sprint(count.FN))
		}
	}
	if len(o.Score) > 0 {
		if err := grid.Write(std.out); err != nil {
			return err
		}
	}
	if o.Answers != nil {
		fmt.Fprintf(std.out, "\nAnswers: %s.\n", o.Answers)
	}
	if o.Dev > 0 {
		fmt.Fprintf(std.out, "\n%d documents were held out to measure on.\n", o.Dev)
	}
	if len(o.Curve) > 0 {
		fmt.Fprintf(std.out, "The curves: %s\n", filepath.Join(c.Out, train.CurveFile))
	}
	_, err := fmt.Fprintf(
		std.out,
		"Measure it: pubmine eval --model %s FILES\nUse it:     pubmine run INPUTS --corpus CORPUS --model %s\n",
		c.Out, c.Out,
	)
	return err
}
