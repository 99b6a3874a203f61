package expected

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// options are the options of transformers that a file may use.
type options struct {
	Beams         int     `json:"num_beams"`
	MaxNew        int     `json:"max_new_tokens"`
	MaxLength     int     `json:"max_length"`
	MinNew        int     `json:"min_new_tokens"`
	MinLength     int     `json:"min_length"`
	LengthPenalty float64 `json:"length_penalty"`
	Early         bool    `json:"early_stopping"`
	Return        int     `json:"num_return_sequences"`
}

func (g generation) options() (decoding.Options, error) {
	o := options{Beams: 1, LengthPenalty: 1, Return: 1}
	in := json.NewDecoder(bytes.NewReader(g.Options))
	in.DisallowUnknownFields()
	if err := in.Decode(&o); err != nil {
		return decoding.Options{}, fmt.Errorf("run %s: %w", g.Name, err)
	}
	early := decoding.StopUnlikely
	if o.Early {
		early = decoding.StopFull
	}
	return decoding.Options{
		Beams: o.Beams, MaxNew: o.MaxNew, MaxLength: o.MaxLength, MinNew: o.MinNew, MinLength: o.MinLength,
		LengthPenalty: o.LengthPenalty, EarlyStopping: early, Return: o.Return,
	}, nil
}

// Generation compares completions.
func (f *File) Generation(ctx context.Context, d decoding.Decoder, limits decoding.Limits) ([]Result, error) {
	var results []Result
	for _, g := range f.Generations {
		o, err := g.options()
		if err != nil {
			return nil, err
		}
		var requests []decoding.Request
		for _, prompt := range g.sequences() {
			requests = append(requests, decoding.Request{Prompt: prompt, Options: o})
		}
		lists, err := decoding.Run(ctx, d, limits, requests)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", g.Name, err)
		}
		results = append(results, g.compare(slices.Concat(lists...)))
	}
	return results, nil
}

func (g generation) compare(got []decoding.Sequence) Result {
	r := Result{Name: g.Name}
	if len(got) != len(g.Tokens) {
		r.miss("%d sequences instead of %d", len(got), len(g.Tokens))
		return r
	}
	for i, s := range got {
		r.Values++
		want := trim(g.Tokens[i])
		if !slices.Equal(s.IDs(), want) {
			r.miss("sequence %d is %v instead of %v", i, s.IDs(), want)
			continue
		}
		if i < len(g.LogProbs) {
			probs := make([]float64, len(s.Tokens))
			for j, t := range s.Tokens {
				probs[j] = t.LogProb
			}
			r.LogProb = max(r.LogProb, distance(g.LogProbs[i], probs))
		}
		if i < len(g.Scores) {
			r.LogProb = max(r.LogProb, distance(g.Scores[i:i+1], []float64{s.Score}))
		}
	}
	return r
}

// trim removes the padding after the end of a sequence.
func trim(ids []int32) []int32 {
	if end := slices.Index(ids, decoding.End); end >= 0 {
		return ids[:end+1]
	}
	return ids
}
