package main

import (
	"context"
	"fmt"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/model/catalog"
)

// evalLMCommand is pubmine eval lm.
type evalLMCommand struct {
	Inputs []flags.Name `arg:"" name:"texts" help:"Files and directories of texts, - for standard input."`
	modelFlag
	JSON bool `name:"json" help:"Print JSON."`
	backendFlag
}

// Help is the description in pubmine eval lm --help.
func (*evalLMCommand) Help() string {
	return example("pubmine eval lm --model my-lm texts.jsonl") + `

Prints the mean loss per token in nats; the perplexity, which is e to the loss, per token and per
word (separated by white space); and the bits per byte, which can be compared between
vocabularies. Each text is read by itself, and its end is predicted, too. Of a bidirectional model
a quarter of the words is masked and predicted.

` + textsHelp
}

// Run runs the command.
func (c *evalLMCommand) Run(ctx context.Context, std streams) error {
	dir, err := modelFiles(c.Model)
	if err != nil {
		return err
	}
	m, err := eval.OpenLanguageModel(dir, c.Backend)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	defer m.Close()
	for _, name := range c.Inputs {
		docs, err := readTexts(string(name))
		if err != nil {
			return err
		}
		if err := m.Measure(ctx, string(name), docs); err != nil {
			return jobs.Resumable(ctx, err)
		}
	}
	if c.JSON {
		return printJSON(std.out, struct {
			Model     flags.Name            `json:"model"`
			Attention string                `json:"attention"`
			Backend   string                `json:"backend"`
			Results   []*catalog.Perplexity `json:"results"`
		}{c.Model, m.Attention, m.Backend, m.Results()})
	}
	inert.Fprintf(std.out, "Model %s, %s, backend %s\n\n", c.Model, m.Attention, m.Backend)
	return m.Write(std.out)
}
