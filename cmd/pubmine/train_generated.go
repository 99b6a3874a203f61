package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pubmine/pubmine/cmd/view"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/train/corpus"
	"github.com/pubmine/pubmine/model/train/loop"
	"github.com/pubmine/pubmine/model/train/softprompt"
)

// writtenFlags are the options of training a model that serves a task by writing.
type writtenFlags struct {
	Generated    bool    `help:"Learn to write the task's answer, with a causal model as --base."`
	Template     string  `placeholder:"NAME" help:"What is shown and written: bc5cdr, kd-dti, ddi, pubmedqa, hoc. Default: by the documents."`
	Pair         string  `placeholder:"TYPE,TYPE" help:"Types of the mentions that are related, the subject's first, where the documents relate several pairs."`
	SoftTokens   int     `placeholder:"N" help:"Learned tokens between source and target (default 9; 1 for hoc)."`
	Rate         float64 `placeholder:"R" help:"Learning rate (default 1e-5 for BioGPT's width, more for narrower models)."`
	Accumulate   int     `placeholder:"N" help:"Batches of 1,024 tokens in a step (default 32, fewer with few documents)."`
	Average      int     `placeholder:"N" help:"Epochs whose parameters are averaged in the end (default 5); 1 takes the best."`
	LossOnSource bool    `help:"Learn to predict the source, too, as BioGPT's own training did."`
}

// workFolder is where in a model directory the state of a training stands until it is over.
const workFolder = "training"

// written trains a model that writes.
func (c *trainCommand) written(ctx context.Context, std streams) error {
	t, err := c.training(std)
	if err != nil {
		return err
	}
	work := filepath.Join(c.Out, workFolder)
	if err := os.MkdirAll(work, 0o777); err != nil {
		return err
	}
	out := newModelFolder(c.Out)
	t.Out, t.Work = out, newModelFolder(work)
	o, err := softprompt.Run(ctx, t)
	if errors.Is(err, softprompt.ErrPlan) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(work), out.tidy()); err != nil {
		return err
	}
	return c.tellWritten(std, o)
}

// training reads what is to be learned from.
func (c *trainCommand) training(std streams) (t softprompt.Training, err error) {
	switch {
	case len(c.Task) != 1:
		return t, usage("train --generated: name one task with --task: relations or answers")
	case len(c.Train) == 0:
		return t, usage("train --generated: say with --train where the annotated documents are")
	case c.Epochs < 0 || c.SoftTokens < 0 || c.Accumulate < 0 || c.Average < 0 || !(c.Rate >= 0):
		return t, usage("train --generated: --epochs, --soft-tokens, --accumulate, --average and --rate are numbers above 0")
	}
	plan := softprompt.Plan{Task: c.Task[0], Template: c.Template, Soft: c.SoftTokens}
	if c.Pair != "" {
		var ok bool
		if plan.Subject, plan.Object, ok = strings.Cut(c.Pair, ","); !ok || plan.Subject == "" || plan.Object == "" {
			return t, usage("--pair %s: give the types of subject and object, as Chemical,Disease", c.Pair)
		}
	}
	if t.Base, err = catalog.Resolve(c.Base); err != nil {
		return t, usageError{err}
	}
	if t.Train, err = c.read(c.Train, "train", std); err != nil {
		return t, err
	}
	if t.Dev, err = c.read(c.Dev, "dev", std); err != nil {
		return t, err
	}
	t.Train, t.Dev = corpus.Apart(t.Train, t.Dev, c.Seed)
	if t.Name, t.Sources, err = c.names(); err != nil {
		return t, err
	}
	t.Plan, t.Backend = plan, c.Backend
	t.Options = softprompt.Options{
		Rate: c.Rate, Epochs: c.Epochs, Accumulate: c.Accumulate, Average: c.Average, Source: c.LossOnSource, Seed: c.Seed, Progress: lossLines(std),
	}
	return t, nil
}

// lossLines prints a line after each measurement, and one every half minute between.
func lossLines(std streams) func(loop.Report) {
	last := time.Now()
	return func(r loop.Report) {
		switch {
		case r.Point != nil:
			fmt.Fprintf(std.err, "step %d of %d, epoch %d: loss %.4f, on the development part %.4f; %.0f tokens/s, %s to go\n",
				r.Step, r.Steps, r.Epoch, r.Point.Train, r.Point.Dev, r.TokensPerSecond, r.Left.Round(time.Second))
		case time.Since(last) > 30*time.Second:
			fmt.Fprintf(std.err, "step %d of %d, epoch %d: loss %.4f; %.0f tokens/s, %s to go\n", r.Step, r.Steps, r.Epoch, r.Loss.Mean(), r.TokensPerSecond,
				r.Left.Round(time.Second))
		default:
			return
		}
		last = time.Now()
	}
}

// tellWritten says what came of it, and what to do with it.
func (c *trainCommand) tellWritten(std streams, o softprompt.Outcome) error {
	grid := view.NewGrid("development part", "P", "R", "F1", "right", "wrong", "missed")
	for _, name := range slices.Sorted(maps.Keys(o.Score)) {
		count := o.Score[name].Micro()
		percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
		grid.Row(o.Generation.Task+", "+name, percent(count.Precision()), percent(count.Recall()), percent(count.F1()),
			fmt.Sprint(count.Right), fmt.Sprint(count.Wrong), fmt.Sprint(count.Missed))
	}
	if err := grid.Write(std.out); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "\nTemplate %s, %d soft tokens; learned from %d documents in %d steps, measured on %d; loss %.4f.\n",
		o.Generation.Template, len(o.Generation.SoftPrompt), o.Learned, o.Steps, o.Measured, o.Dev.Mean())
	if o.Left > 0 {
		fmt.Fprintf(std.out, "%d documents were left out: there is nothing to write about them.\n", o.Left)
	}
	_, err := fmt.Fprintf(std.out, "Measure it: pubmine eval --model %s FILES\nUse it:     pubmine run INPUTS --corpus CORPUS --model %s\n", c.Out, c.Out)
	return err
}

// modelFolder is a folder in which training keeps files.
type modelFolder struct {
	modelTarget
	fs.FS
}

func newModelFolder(dir string) modelFolder {
	return modelFolder{modelTarget{store.New(dir, nil)}, os.DirFS(dir)}
}

// tidy removes what writing leaves beside the files.
func (f modelFolder) tidy() error { return f.Remove(strings.Split(store.Temp, "/")[0]) }
