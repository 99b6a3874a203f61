package decoding

import (
	"context"
	"fmt"
)

// Run runs requests to completion and returns their sequences, in the order of the requests. All
// share one context; the first error ends all.
func Run(ctx context.Context, d Decoder, l Limits, requests []Request) ([][]Sequence, error) {
	s := NewScheduler(d, l)
	results := make([][]Sequence, len(requests))
	for i, r := range requests {
		done := r.Done
		r.Done = func(list []Sequence, err error) {
			results[i] = list
			if done != nil {
				done(list, err)
			}
		}
		if err := s.Add(ctx, r); err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
	}
	for {
		switch more, err := s.Step(ctx); {
		case err != nil:
			s.Abort(err)
			return nil, err
		case ctx.Err() != nil:
			s.Abort(context.Cause(ctx))
			return nil, context.Cause(ctx)
		case !more:
			return results, nil
		}
	}
}
