package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/train"
)

// trainCommand is pubmine train.
type trainCommand struct {
	Recipe string   `arg:"" optional:"" help:"Recipe, as the recipe.json of a model directory; in place of --task."`
	Data   string   `placeholder:"DIR" help:"Folder of the corpora, in place of the recipe's."`
	Trunk  string   `placeholder:"DIR" help:"Where the trunk of a recipe is trained, and found again when it is there (default: the folder of --out with .trunk at its end)."`
	Task   []string `placeholder:"TASK,..." help:"What to learn from annotations of your own: ner, relations, summary, answers; with --generated relations or answers; or from texts: lm, a language model."`
	ownFlags
	writtenFlags `embed:"" group:"Tasks that are served by writing (--generated):"`
	lmFlags      `embed:"" group:"Language models (--task lm), and where it says so --generated:"`
	Out          string `required:"" placeholder:"DIR" help:"Model directory to write."`
	Backend      string `default:"auto" enum:"auto,cpu,xla:cpu,cuda" help:"Backend: ${enum}. On the processor, gradients are computed by xla:cpu if its plugin is installed, and otherwise by GoMLX in Go, which is slow."`
}

// Help is the second half of pubmine train --help.
func (*trainCommand) Help() string {
	return `With --task, learns from documents that you annotated, on top of a model that exists: every type of mention in them gets a chain of its
own, and what the base knows already stays. A type that the base has, too, is learned on from the base's weights. The epoch that does best on the
development part is kept; training.html in the model directory shows how it went. A hundred abstracts take about a minute, so a training that was
stopped begins again; the same command makes the same model.

` + dataHelp + `

With --generated, fine-tunes a BioGPT so that it writes the relations of a document, or the answer to the question in its title, as BioGPT's authors
did: all parameters of the --base and a soft prompt are learned, also from the JSON files of BioGPT's authors. This takes hours on a GPU; a
training that was stopped goes on where it was when the same command is given again.

With --task lm, trains a language model on texts, a new one (--new) or one that exists (--base). ` + textsHelp + ` The parameters
that do best on the held-out texts are kept. Until the model is whole its folder holds the state of training: a training that was stopped or killed
goes on from there when the same command is run again, to the same model. pubmine generate writes with a causal model; pubmine eval --task lm measures one.

With a recipe, trains everything from the corpora that it names, as the bundled model was trained.

` + exitHelp
}

// Run runs the command.
func (c *trainCommand) Run(ctx context.Context, std streams) error {
	switch {
	case c.Recipe != "" && len(c.Task)+len(c.Train)+len(c.Dev) > 0:
		return usage("train: give a recipe, or --task with --train; not both")
	case c.Generated:
		return jobs.Resumable(ctx, c.written(ctx, std))
	case slices.Contains(c.Task, taskLanguage):
		return jobs.Resumable(ctx, c.language(ctx, std))
	case c.Recipe == "":
		return jobs.Resumable(ctx, c.own(ctx, std))
	}
	return jobs.Resumable(ctx, c.byRecipe(ctx, std))
}

// progressLines prints a line for every step.
func progressLines(std streams) train.Progress {
	return func(stage string, done, total int, note string) {
		fmt.Fprintf(std.err, "%s %d of %d: %s\n", stage, done, total, note)
	}
}
