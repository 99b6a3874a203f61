package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/model/catalog"
)

// language measures how well a model predicts texts.
func (c *evalCommand) language(ctx context.Context, std streams) error {
	dir, err := vocabulary(c.Model)
	if err != nil {
		return err
	}
	m, err := eval.OpenLanguageModel(dir, c.Backend)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	defer m.Close()
	for _, name := range c.Inputs {
		docs, err := readTexts(name)
		if err != nil {
			return err
		}
		if err := m.Measure(ctx, name, docs); err != nil {
			return jobs.Resumable(ctx, err)
		}
	}
	if !c.JSON {
		fmt.Fprintf(std.out, "Model %s, %s, backend %s\n\n", c.Model, m.Attention, m.Backend)
		return m.Write(std.out)
	}
	out := json.NewEncoder(std.out)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Model     string                `json:"model"`
		Attention string                `json:"attention"`
		Backend   string                `json:"backend"`
		Results   []*catalog.Perplexity `json:"results"`
	}{c.Model, m.Attention, m.Backend, m.Results()})
}
