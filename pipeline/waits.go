package pipeline

import (
	"context"
	"iter"
	"sync/atomic"
	"time"
)

// Waits say how long the stages stood still, and so which of them the others wait for: the one that
// waits least. A stage that waits for work could do more; one that waits to hand it on is held up
// by the next.
type Waits struct {
	Prepare time.Duration // to hand documents to the encoder
	Starved time.Duration // the encoder, for documents
	Blocked time.Duration // the encoder, to hand on states
	Finish  time.Duration // for states
}

// Add returns the sum of two Waits.
func (w Waits) Add(o Waits) Waits {
	return Waits{
		Prepare: w.Prepare + o.Prepare, Starved: w.Starved + o.Starved,
		Blocked: w.Blocked + o.Blocked, Finish: w.Finish + o.Finish,
	}
}

// waits are Waits in the making, in nanoseconds. Each is added to by one stage and read by any.
type waits struct{ prepare, starved, blocked, finish atomic.Int64 }

func (w *waits) sum() Waits {
	return Waits{
		Prepare: time.Duration(w.prepare.Load()), Starved: time.Duration(w.starved.Load()),
		Blocked: time.Duration(w.blocked.Load()), Finish: time.Duration(w.finish.Load()),
	}
}

// send hands work to the next stage.
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

// received yields what the stage before sends.
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
