package decoding

import (
	"context"
	"fmt"
)

// Run runs requests to their ends and returns their sequences, in the order of the requests.
// Requests that come from elsewhere are cancelled through the contexts given to Scheduler.Add; here
// all share one. The first error ends all.
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

// Arrival is a request on its way to Serve, with the context that it lives as long as.
type Arrival struct {
	Context context.Context
	Request Request
}

// Serve runs the requests that arrive until the channel is closed and all are done, or the context
// ends. A request that can never run is told so through Done. It returns the decoder's error, or
// the context's; requests at work then have got the same.
func Serve(ctx context.Context, s *Scheduler, arrivals <-chan Arrival) error {
	more := false
	for {
		open, err := s.receive(ctx, arrivals, !more)
		if err == nil && (open || more || len(s.waiting) > 0) {
			more, err = s.Step(ctx)
		} else if err == nil {
			return nil
		}
		if err != nil {
			s.Abort(err)
			return err
		}
		if !open {
			arrivals = nil
		}
	}
}

// receive adds what has arrived, and waits for the first if told to. It reports whether more may
// come.
func (s *Scheduler) receive(ctx context.Context, arrivals <-chan Arrival, wait bool) (open bool, err error) {
	if arrivals == nil {
		return false, context.Cause(ctx)
	}
	for {
		var a Arrival
		if wait {
			select {
			case <-ctx.Done():
				return true, context.Cause(ctx)
			case a, open = <-arrivals:
			}
		} else {
			select {
			case <-ctx.Done():
				return true, context.Cause(ctx)
			case a, open = <-arrivals:
			default:
				return true, nil
			}
		}
		if !open {
			return false, nil
		}
		wait = false
		if err := s.Add(a.Context, a.Request); err != nil && a.Request.Done != nil {
			a.Request.Done(nil, err)
		}
	}
}
