package biogpt

import (
	"context"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt/generate"
)

// Write goes on with prompts, side by side in the slots of a decoder. Texts end at the latest where the decoder's limit is, which counts the last
// token, too.
func Write(ctx context.Context, d generate.Decoder, l generate.Limits, prompts []model.Prompt) ([]model.Completion, error) {
	requests := make([]generate.Request, len(prompts))
	for i, p := range prompts {
		requests[i] = generate.Request{Prompt: p.IDs, Options: generate.Options{
			MaxNew: max(1, min(p.MaxNew, l.MaxLen-len(p.IDs))), Beams: p.Beams, LengthPenalty: p.LengthPenalty,
		}}
	}
	texts, err := generate.Run(ctx, d, l, requests)
	if err != nil {
		return nil, err
	}
	out := make([]model.Completion, len(prompts))
	for i, list := range texts {
		tokens := list[0].Tokens
		if out[i].Ended = list[0].Finish == generate.FinishEnd; out[i].Ended {
			tokens = tokens[:len(tokens)-1]
		}
		for _, t := range tokens {
			out[i].IDs, out[i].LogProbs = append(out[i].IDs, t.ID), append(out[i].LogProbs, t.LogProb)
		}
	}
	return out, nil
}
