package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/schemas"
)

// evalCommand is pubmine eval.
type evalCommand struct {
	Inputs       []string `arg:"" name:"data" help:"Annotated files and folders, or parts of public corpora, as bc5cdr/dev."`
	Model        string   `default:"bundled" help:"Model: \"bundled\", or a model directory."`
	Task         []string `placeholder:"TASK,..." help:"ner, relations, summary, answers; or lm, how well the model predicts texts. Default: all but lm that the model serves."`
	Data         string   `default:"." placeholder:"DIR" help:"Folder with corpora/, where parts of public corpora are."`
	Backend      string   `default:"auto" enum:"auto,cpu,xla:cpu,cuda" help:"Backend: ${enum}."`
	GoldMentions bool     `help:"Look for relations between the annotators' mentions."`
	AsWritten    bool     `help:"Keep the names of types as they are written: without, a Drug is a Chemical, a Protein a Gene, and so on."`
	Calibration  bool     `help:"Print how often mentions and relations of each score are right."`
	Examples     int      `placeholder:"N" help:"Print the summaries of N abstracts without headings beside their last sentences, to be judged by reading."`
	JSON         bool     `name:"json" help:"Print everything as JSON."`
}

const dataHelp = `Annotated documents are read in PubTator, BioC XML, BioC JSON, CoNLL columns (IOB1, IOB2, IOBES, BILOU), JSON lines
({"id", "title", "abstract", "mentions": [[start, end, type], ...], "relations": [[type, subject, object], ...]}) and PubMedQA's JSON, plain or gzip; the
content tells the format.`

// Help is the second half of pubmine eval --help.
func (*evalCommand) Help() string {
	return `The documents go through the same steps as in a run. Mentions count when bounds and type are right; relations are sets of pairs of concepts
per document; summaries are compared with hidden conclusions. Types that the data does not annotate are not counted.

` + dataHelp + `

With --task lm, says how well the model predicts texts, each read by itself: the loss of a token in nats; perplexity, e to that; the same of a word
(what white space parts); and bits per byte, which may be compared between vocabularies. The end of a text is predicted, too. A bidirectional model
has a quarter of the words to predict. ` + textsHelp + "\n\n" + exitHelp
}

// Run runs the command.
func (c *evalCommand) Run(ctx context.Context, std streams) error {
	if slices.Contains(c.Task, taskLanguage) {
		if len(c.Task) > 1 {
			return usage("--task %s goes with no other task", taskLanguage)
		}
		return c.language(ctx, std)
	}
	if slices.Equal(c.Task, []string{jobs.NoTasks}) {
		return usage("--task %s: there is nothing to measure", jobs.NoTasks)
	}
	if c.Examples < 0 || c.Examples > 0 && len(c.Task) > 0 && !slices.Contains(c.Task, schemas.TaskSummary) {
		return usage("--examples %d: give a number of abstracts, 1 or more, and task summary", c.Examples)
	}
	m, w, err := eval.Open(c.Model, c.Task, c.Backend)
	if err != nil {
		return err
	}
	defer w.Close()
	m.GoldMentions = c.GoldMentions
	var results []eval.Result
	for _, name := range c.Inputs {
		data, err := c.read(name, std.err)
		if err != nil {
			return err
		}
		r, err := eval.Measure(ctx, m, data)
		if err != nil {
			return jobs.Resumable(ctx, err)
		}
		if c.Examples > 0 {
			if r.Examples, err = eval.Examples(ctx, m, data, c.Examples); err != nil {
				return jobs.Resumable(ctx, err)
			}
		}
		if r.Mentions == nil && r.Relations == nil && r.Summaries == nil && r.Answers == nil && r.Examples == nil {
			fmt.Fprintf(
				std.err,
				"pubmine: %s has nothing to measure: no mentions, relations, structured abstracts or answers that the model's tasks (%s) are about\n",
				name, strings.Join(w.Configuration.Tasks, ", "),
			)
		}
		results = append(results, r)
	}
	return c.print(std.out, w, results)
}

// print prints results as tables or as JSON.
func (c *evalCommand) print(w io.Writer, m *jobs.Components, results []eval.Result) error {
	if c.JSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(struct {
			Model   string        `json:"model"`
			Backend string        `json:"backend"`
			Results []eval.Result `json:"results"`
		}{m.Configuration.Model, m.Backend, results})
	}
	fmt.Fprintf(w, "Model %s, backend %s\n\n", m.Configuration.Model, m.Backend)
	if err := eval.Write(w, results, c.Calibration); err != nil {
		return err
	}
	for _, r := range results {
		if len(r.Examples) > 0 {
			if err := eval.WriteExamples(w, r.Examples); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a path, or a split of a public corpus.
func (c *evalCommand) read(name string, w io.Writer) (data eval.Data, err error) {
	data.Name = name
	if _, err := os.Stat(name); err == nil || !dataset.IsSplit(name) {
		data.Examples, err = readAnnotated(name, "dev", c.AsWritten, w)
		return data, err
	}
	data.Examples, err = dataset.LoadSplit(filepath.Join(c.Data, "corpora"), name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		err = usage("%w: name the folder that holds corpora/ with --data", err)
	case errors.Is(err, dataset.ErrNoSplit):
		err = usageError{err}
	}
	return data, err
}

// readAnnotated reads a file or a folder, and prints how many mentions it skips.
func readAnnotated(path, split string, rawTypes bool, w io.Writer) ([]dataset.Example, error) {
	examples, stats, err := dataset.ReadUser(path, split, rawTypes)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageError{err}
	}
	if err == nil && stats.Dropped > 0 {
		fmt.Fprintf(w, "pubmine: %s: skipped %d of %d mentions, whose text is not at their offsets; the first: %s\n",
			path, stats.Dropped, stats.Dropped+stats.Mentions, stats.FirstDropped)
	}
	return examples, err
}
