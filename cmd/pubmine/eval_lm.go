package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// namedScore is how well a model predicts the texts of an input.
type namedScore struct {
	name  string
	score lm.Score
}

// language measures how well a model predicts texts.
func (c *evalCommand) language(ctx context.Context, std streams) error {
	dir, err := vocabulary(c.Model)
	if err != nil {
		return err
	}
	words, err := tokenizer.Load(dir)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	cfg, params, err := biogpt.Load(dir)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	backend, err := device.OpenGradients(c.Backend)
	if err != nil {
		return err
	}
	defer backend.Close()
	trainer, err := trunk.NewTrainer(backend, cfg, params, trunk.Options{Tokens: 2048})
	if err != nil {
		return err
	}
	defer trainer.Close()
	var (
		scores []namedScore
		total  lm.Score
	)
	for _, name := range c.Inputs {
		docs, err := readTexts(name)
		if err != nil {
			return err
		}
		score, err := lm.Measure(ctx, trainer, words, docs)
		if err != nil {
			return jobs.Resumable(ctx, err)
		}
		scores, total = append(scores, namedScore{name, score}), total.Add(score)
	}
	if !c.JSON {
		fmt.Fprintf(
			std.out, "Model %s, %s, backend %s\n\n", c.Model, cmp.Or(cfg.Attention, biogpt.Causal), backend.Class(),
		)
		if len(scores) > 1 {
			scores = append(scores, namedScore{"all", total})
		}
		return printScores(std.out, scores)
	}
	results := make([]*catalog.Perplexity, len(scores))
	for i, s := range scores {
		results[i] = s.score.Perplexity()
		results[i].Data = s.name
	}
	out := json.NewEncoder(std.out)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Model     string                `json:"model"`
		Attention string                `json:"attention"`
		Backend   string                `json:"backend"`
		Results   []*catalog.Perplexity `json:"results"`
	}{c.Model, cmp.Or(cfg.Attention, biogpt.Causal), backend.Class(), results})
}

// printScores prints scores as a table.
func printScores(w io.Writer, scores []namedScore) error {
	grid := markdown.NewTable("texts", "documents", "tokens", "loss", "perplexity", "of a word", "bits per byte")
	for _, s := range scores {
		p := s.score.Perplexity()
		word, bits := "", ""
		if !s.score.Masked {
			word, bits = fmt.Sprintf("%.2f", p.Word), fmt.Sprintf("%.3f", p.BitsPerByte)
		}
		grid.Row(
			s.name, fmt.Sprint(p.Documents), fmt.Sprint(p.Tokens), fmt.Sprintf("%.4f", p.Loss),
			fmt.Sprintf("%.2f", p.Token), word, bits,
		)
	}
	return grid.Write(w)
}
