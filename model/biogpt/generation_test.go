package biogpt

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/cpu"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// goldenRun is a call of transformers' generate, and what came of it.
type goldenRun struct {
	goldenInput
	Options struct {
		Beams         int     `json:"num_beams"`
		MaxNew        int     `json:"max_new_tokens"`
		MaxLength     int     `json:"max_length"`
		MinNew        int     `json:"min_new_tokens"`
		MinLength     int     `json:"min_length"`
		LengthPenalty float64 `json:"length_penalty"`
		EarlyStopping bool    `json:"early_stopping"`
		Return        int     `json:"num_return_sequences"`
	} `json:"generate"`
	New      [][]int32   `json:"new_tokens"`
	LogProbs [][]float64 `json:"token_log_probs"`
	Scores   []float64   `json:"sequences_scores"`
}

// requests makes a request of each row, without its padding.
func (g goldenRun) requests() []decoding.Request {
	o := g.Options
	options := decoding.Options{
		Beams: o.Beams, MaxNew: o.MaxNew, MaxLength: o.MaxLength, MinNew: o.MinNew, MinLength: o.MinLength,
		LengthPenalty: o.LengthPenalty, Return: o.Return,
	}
	if o.EarlyStopping {
		options.EarlyStopping = decoding.StopFull
	}
	var requests []decoding.Request
	for i, ids := range g.IDs {
		prompt := slices.DeleteFunc(slices.Clone(ids), func(id int32) bool { return id == PadID && g.Mask[i][0] == 0 })
		requests = append(requests, decoding.Request{Prompt: prompt, Options: options})
	}
	return requests
}

// compare compares sequences in the order of the run's.
func (g goldenRun) compare(t *testing.T, sequences []decoding.Sequence) {
	t.Helper()
	if len(sequences) != len(g.New) {
		t.Fatalf("%s: %d sequences, want %d", g.Name, len(sequences), len(g.New))
	}
	for i, s := range sequences {
		what := fmt.Sprintf("%s, sequence %d", g.Name, i)
		want := g.New[i][:len(g.LogProbs[i])] // padding follows the end
		if !slices.Equal(s.IDs(), want) {
			t.Errorf("%s: %v, want %v", what, s.IDs(), want)
			continue
		}
		for j, c := range s.Tokens {
			if math.Abs(c.LogProb-g.LogProbs[i][j]) > tolerance {
				t.Errorf("%s: log-probability %d is %v, want %v", what, j, c.LogProb, g.LogProbs[i][j])
			}
		}
		if g.Scores != nil && math.Abs(s.Score-g.Scores[i]) > tolerance {
			t.Errorf("%s: score %v, want %v", what, s.Score, g.Scores[i])
		}
	}
}

// TestGenerationEqualsReference runs all of the reference's runs together, in 12 slots: greedy ones
// beside beams, each as if it were alone.
func TestGenerationEqualsReference(t *testing.T) {
	const slots = 12
	cfg, params, _ := loadGolden(t, nil, "biogpt-tiny")
	var expected struct {
		Generation []goldenRun `json:"generation"`
	}
	readGolden(t, golden(t, "biogpt-tiny", "expected.json.gz"), &expected)
	if len(expected.Generation) != 15 {
		t.Fatalf("%d runs", len(expected.Generation))
	}
	check := func(t *testing.T, d decoding.Decoder) {
		var requests []decoding.Request
		for _, run := range expected.Generation {
			requests = append(requests, run.requests()...)
		}
		results, err := decoding.Run(context.Background(), d, cfg.Limits(slots), requests)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range expected.Generation {
			var sequences []decoding.Sequence
			for range run.IDs {
				sequences, results = append(sequences, results[0]...), results[1:]
			}
			run.compare(t, sequences)
		}
	}
	t.Run(device.CPU, func(t *testing.T) {
		d, err := cpu.New(cfg.KernelConfig(), params, slots, 2)
		if err != nil {
			t.Fatal(err)
		}
		check(t, d)
	})
	if testing.Short() {
		t.Skip("-short: the decoder's own tests do for the other backends")
	}
	eachBackend(t, func(t *testing.T, b *Backend) { check(t, newDecoder(t, b, cfg, params, slots)) })
}
