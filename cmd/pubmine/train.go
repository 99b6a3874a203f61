package main

import (
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
)

// trainCommand groups the commands that train.
type trainCommand struct {
	Heads    trainHeadsCommand    `cmd:"" exits:"42 75" help:"Train task heads on annotated documents."`
	Generate trainGenerateCommand `cmd:"" exits:"42 75" help:"Fine-tune a causal model to generate relations or answers."`
	LM       trainLMCommand       `cmd:"" name:"lm" exits:"42 75" help:"Train a language model on texts."`
	Recipe   trainRecipeCommand   `cmd:"" exits:"42 75" help:"Train a model by a recipe, as the bundled one was."`
}

// Help is the description in pubmine train --help.
func (*trainCommand) Help() string {
	return example("pubmine train heads --tasks ner --train my.PubTator --out my-model") + `

The backend cpu has no gradients. Without a GPU they are computed by xla:cpu if its plugin is
installed (pubmine backend install), and otherwise by GoMLX in Go, which is several times slower.`
}

// outFlags name the model that a command trains.
type outFlags struct {
	Out  flags.Name `required:"" placeholder:"DIR" help:"Model directory to write."`
	Name flags.Name `help:"Name of the model (default: that of its directory)."`
	Seed uint64     `default:"1" help:"Random seed (default ${default})."`
}

// name is the name of the model.
func (c *outFlags) name() (string, error) {
	if c.Name != "" {
		return string(c.Name), nil
	}
	absolute, err := filepath.Abs(string(c.Out))
	return filepath.Base(absolute), err
}

// datasetFlags name the annotated documents to train on.
type datasetFlags struct {
	Train    []flags.Name `required:"" placeholder:"PATH,..." help:"Files and directories of annotated documents; repeatable."`
	Dev      []flags.Name `placeholder:"PATH,..." help:"The dev set (default: a tenth of the documents of --train)."`
	RawTypes bool         `help:"Keep entity types as annotated. Without it Drug becomes Chemical, Protein becomes Gene, and so on."`
}

// read reads the training and the dev set, and returns the names of the training files.
func (c *datasetFlags) read(w io.Writer) (training, dev []dataset.Example, files []string, err error) {
	for _, path := range c.Train {
		examples, err := readDataset(string(path), "train", c.RawTypes, w)
		if err != nil {
			return nil, nil, nil, err
		}
		training, files = append(training, examples...), append(files, filepath.Base(string(path)))
	}
	for _, path := range c.Dev {
		examples, err := readDataset(string(path), "dev", c.RawTypes, w)
		if err != nil {
			return nil, nil, nil, err
		}
		dev = append(dev, examples...)
	}
	return training, dev, files, nil
}

// loopFlags are the options of training all parameters of a model by gradient descent.
type loopFlags struct {
	Precision  string         `enum:"auto,float32,bfloat16" default:"auto" help:"Data type of matrix products: ${enum}; auto is bfloat16 on a GPU."`
	Evaluate   flags.Positive `placeholder:"N" help:"Evaluate every N steps (default: ten times, and at least once per epoch)."`
	Checkpoint flags.Positive `default:"200" placeholder:"N" help:"Save a checkpoint every N steps (default ${default})."`
}

func (c *loopFlags) precision() biogpt.Precision {
	if c.Precision == "auto" {
		return ""
	}
	return biogpt.Precision(c.Precision)
}

// openModel begins to write the model directory of a training. Where an earlier attempt completed
// the model it prints so, and returns nil.
func openModel(out flags.Name, w io.Writer) (*modeldir.Writer, error) {
	dir, err := modeldir.Create(string(out), modeldir.Options{})
	if errors.Is(err, modeldir.ErrFinished) {
		inert.Fprintf(w, "%s is trained already.\n", out)
		return nil, nil
	}
	return dir, err
}

// progressLines prints a line for every stage of a training.
func progressLines(w io.Writer) train.Progress {
	return func(stage string, done, total int, note string) {
		inert.Fprintf(w, "%s %d of %d: %s\n", stage, done, total, note)
	}
}

// stepInterval is the time between two lines on the progress of a training.
const stepInterval = 10 * time.Second

// stepLines prints the progress of a training now and then, and every evaluation.
func stepLines(w io.Writer) func(loop.Report) {
	last := time.Now()
	return func(r loop.Report) {
		if p := r.Point; p != nil {
			inert.Fprintf(w, "step %d of %d, epoch %d: training loss %.4f, dev loss %.4f\n",
				r.Step, r.Steps, r.Epoch, p.Train, p.Dev)
			last = time.Now()
		} else if time.Since(last) > stepInterval {
			inert.Fprintf(w, "step %d of %d, epoch %d: loss %.4f, perplexity %.1f, %.0f tokens/s, %s left\n", r.Step,
				r.Steps, r.Epoch, r.Loss.Mean(), r.Loss.Perplexity(), r.TokensPerSecond, r.Left.Round(time.Second))
			last = time.Now()
		}
	}
}

// printNext prints the commands that use a model with task heads or generations.
func printNext(w io.Writer, out flags.Name) error {
	_, err := inert.Fprintf(w, "Evaluate it: pubmine eval --model %s FILES\n"+
		"Use it:      pubmine run INPUTS --corpus CORPUS --model %[1]s\n", out)
	return err
}
