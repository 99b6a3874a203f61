package biogpt

import (
	"context"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// Generate continues prompts together in the slots of a decoder, and passes each completion to done
// as soon as it ends: in any order, one call at a time. A completion ends at the decoder's limit at
// the latest, which includes the last token.
func Generate(
	ctx context.Context, d decoding.Decoder, l decoding.Limits, prompts []model.Prompt,
	done func(i int, c model.Completion),
) error {
	requests := make([]decoding.Request, len(prompts))
	for i, p := range prompts {
		requests[i] = decoding.Request{
			Prompt: p.IDs,
			Options: decoding.Options{
				MaxNew: max(1, min(p.MaxNew, l.MaxLen-len(p.IDs))), Beams: p.Beams, LengthPenalty: p.LengthPenalty,
			},
			Done: func(list []decoding.Sequence, err error) {
				if err == nil {
					done(i, completion(list[0]))
				}
			},
		}
	}
	_, err := decoding.Run(ctx, d, l, requests)
	return err
}

// completion returns the tokens of a sequence without its end.
func completion(s decoding.Sequence) (c model.Completion) {
	tokens := s.Tokens
	if c.Ended = s.Finish == decoding.FinishEnd; c.Ended {
		tokens = tokens[:len(tokens)-1]
	}
	for _, t := range tokens {
		c.IDs, c.LogProbs = append(c.IDs, t.ID), append(c.LogProbs, t.LogProb)
	}
	return c
}
