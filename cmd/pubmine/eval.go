package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/schemas"
)

// evalCommand groups the commands that evaluate.
type evalCommand struct {
	Tasks evalTasksCommand `cmd:"" default:"withargs" exits:"42 75" help:"Evaluate the tasks of a model on annotated documents (the default)."`
	LM    evalLMCommand    `cmd:"" name:"lm" exits:"42 75" help:"Evaluate how well a language model predicts texts."`
}

// Help is the description in pubmine eval --help.
func (*evalCommand) Help() string {
	return example("pubmine eval my.PubTator", "pubmine eval lm --model my-lm texts.jsonl")
}

// evalTasksCommand is pubmine eval tasks, or just pubmine eval.
type evalTasksCommand struct {
	Inputs []flags.Name `arg:"" name:"data" help:"Annotated files and directories, - for standard input, or splits of public datasets, such as bc5cdr/dev."`
	modelFlag
	Tasks        []string       `enum:"ner,linking,relations,summary,answers,labels" placeholder:"TASK,..." help:"Tasks to evaluate: ${enum} (default: all that the model serves)."`
	Data         flags.Name     `default:"." placeholder:"DIR" help:"Directory with corpora/, which holds the public datasets (default ${default})."`
	GoldMentions bool           `help:"Find relations between the gold mentions."`
	RawTypes     bool           `help:"Keep entity types as annotated. Without it Drug becomes Chemical, Protein becomes Gene, and so on."`
	Calibration  bool           `help:"Print the share of correct mentions and relations by score."`
	Examples     flags.Positive `placeholder:"N" help:"Print the summaries of N unstructured abstracts beside their last sentences."`
	JSON         bool           `name:"json" help:"Print JSON."`
	backendFlag
}

// Help is the description in pubmine eval tasks --help.
func (*evalTasksCommand) Help() string {
	return example("pubmine eval --tasks ner my.PubTator", "pubmine eval --model my-model --json my.PubTator") + `

The documents pass through the same steps as in a run. A mention is a true positive when its span
and type match; relations are compared as sets of concept pairs per document; summaries with the
conclusions of structured abstracts, which the model does not see. Types that the data does not
annotate are not counted.

` + datasetHelp
}

// Run runs the command.
func (c *evalTasksCommand) Run(ctx context.Context, std streams) error {
	if c.Examples > 0 && len(c.Tasks) > 0 && !slices.Contains(c.Tasks, schemas.TaskSummary) {
		return exit.Usage("--examples: add summary to --tasks")
	}
	m, run, err := eval.Open(string(c.Model), c.Tasks, c.Backend)
	if err != nil {
		return err
	}
	defer run.Close()
	m.GoldMentions = c.GoldMentions
	results := make([]eval.Result, len(c.Inputs))
	for i, name := range c.Inputs {
		data, err := c.read(string(name), std.err)
		if err != nil {
			return err
		}
		if results[i], err = eval.Measure(ctx, m, data); err == nil && c.Examples > 0 {
			results[i].Examples, err = eval.Examples(ctx, m, data, int(c.Examples))
		}
		if err != nil {
			return jobs.Resumable(ctx, err)
		}
		r := &results[i]
		if r.Empty() {
			inert.Fprintf(std.err, "pubmine: %s: nothing to evaluate: no annotations for the model's tasks: %s\n",
				name, strings.Join(run.Configuration.Tasks, ", "))
		}
	}
	if c.JSON {
		return printJSON(std.out, struct {
			Model   string        `json:"model"`
			Backend string        `json:"backend"`
			Results []eval.Result `json:"results"`
		}{run.Configuration.Model, run.Backend, results})
	}
	inert.Fprintf(std.out, "Model %s, backend %s\n\n", run.Configuration.Model, run.Backend)
	err = eval.Write(std.out, results, c.Calibration)
	for i := 0; i < len(results) && err == nil; i++ {
		if len(results[i].Examples) > 0 {
			err = eval.WriteExamples(std.out, results[i].Examples)
		}
	}
	return err
}

// read reads a path, or a split of a public dataset.
func (c *evalTasksCommand) read(name string, w io.Writer) (data eval.Data, err error) {
	data.Name = name
	if _, err := os.Stat(name); err == nil || !dataset.IsSplit(name) {
		data.Examples, err = readDataset(name, "dev", c.RawTypes, w)
		return data, err
	}
	data.Examples, err = dataset.LoadSplit(filepath.Join(string(c.Data), "corpora"), name)
	if errors.Is(err, os.ErrNotExist) {
		err = exit.Usage("%w: name the directory that holds corpora/ with --data", err)
	}
	return data, err
}

// printJSON prints indented JSON.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
