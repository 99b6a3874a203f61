package pipeline

import (
	"context"
	"iter"
	"sync/atomic"
	"time"
)

// Waits are the times that the stages waited. The stage that waits least is the bottleneck. A stage
// that waits for work has spare capacity; one that waits to pass work on is slowed down by the
// next.
type Waits struct {
	Prepare time.Duration // to pass documents to the encoder
	Starved time.Duration // encoder, for documents
	Blocked time.Duration // encoder, to pass states on
	Finish  time.Duration // for states
}

// Add returns the sum of two Waits.
func (w Waits) Add(o Waits) Waits {
	return Waits{
		Prepare: w.Prepare + o.Prepare, Starved: w.Starved + o.Starved,
		Blocked: w.Blocked + o.Blocked, Finish: w.Finish + o.Finish,
	}
}

// waits accumulate Waits, in nanoseconds. Each is added to by one stage and read by any.
type waits struct{ prepare, starved, blocked, finish atomic.Int64 }

func (w *waits) sum() Waits {
	return Waits{
		Prepare: time.Duration(w.prepare.Load()), Starved: time.Duration(w.starved.Load()),
		Blocked: time.Duration(w.blocked.Load()), Finish: time.Duration(w.finish.Load()),
	}
}

// send passes work to the next stage.
func send(ctx context.Context, to chan<- *work, w *work, waited *atomic.Int64) error {
	start := time.Now()
	defer func() { waited.Add(int64(time.Since(start))) }()
	select {
	case to <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// received yields the work of the stage before.
func received(in <-chan *work, waited *atomic.Int64) iter.Seq[*work] {
	return func(yield func(*work) bool) {
		for {
			start := time.Now()
			w, ok := <-in
			waited.Add(int64(time.Since(start)))
			if !ok || !yield(w) {
				return
			}
		}
	}
}
