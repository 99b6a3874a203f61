package biogpt

import (
	"context"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// Generate continues prompts together in the slots of a decoder. A completion ends at the decoder's
// limit at the latest, which includes the last token.
func Generate(
	ctx context.Context, d decoding.Decoder, l decoding.Limits, prompts []model.Prompt,
) ([]model.Completion, error) {
	requests := make([]decoding.Request, len(prompts))
	for i, p := range prompts {
		requests[i] = decoding.Request{Prompt: p.IDs, Options: decoding.Options{
			MaxNew: max(1, min(p.MaxNew, l.MaxLen-len(p.IDs))), Beams: p.Beams, LengthPenalty: p.LengthPenalty,
		}}
	}
	texts, err := decoding.Run(ctx, d, l, requests)
	if err != nil {
		return nil, err
	}
	out := make([]model.Completion, len(prompts))
	for i, list := range texts {
		tokens := list[0].Tokens
		if out[i].Ended = list[0].Finish == decoding.FinishEnd; out[i].Ended {
			tokens = tokens[:len(tokens)-1]
		}
		for _, t := range tokens {
			out[i].IDs, out[i].LogProbs = append(out[i].IDs, t.ID), append(out[i].LogProbs, t.LogProb)
		}
	}
	return out, nil
}
