package main

import (
	"context"
	"sync"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
)

// peakAfter is how long an engine is at work before the speed of its backend is measured: short
// runs need not wait for that.
const peakAfter = 20 * time.Second

// lazyEngine opens the engine when it is first asked for states: a run with nothing to do need not
// wait for it.
type lazyEngine struct {
	dim    int
	open   func() (*biogpt.Engine, error)
	peak   func() float64 // operations a second of the backend's matrix products
	engine *biogpt.Engine
	opened time.Time

	mu   sync.Mutex
	used engineUse
}

// engineUse is what an engine did.
type engineUse struct {
	biogpt.Stats
	Peak float64 // operations a second that the backend's matrix products reach; 0 before they were measured
}

// Dim is the width of a state.
func (l *lazyEngine) Dim() int { return l.dim }

// Encode returns the states of sequences.
func (l *lazyEngine) Encode(ctx context.Context, sequences [][]int32) ([][]float32, error) {
	if l.engine == nil {
		engine, err := l.open()
		if err != nil {
			return nil, err
		}
		l.engine, l.opened = engine, time.Now()
	}
	states, err := l.engine.Encode(ctx, sequences)
	now := engineUse{Stats: l.engine.Stats(), Peak: l.use().Peak}
	if now.Peak == 0 && time.Since(l.opened) > peakAfter {
		now.Peak = l.peak()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used = now
	return states, err
}

// use returns what the engine did so far. It may be called while the engine is at work.
func (l *lazyEngine) use() engineUse {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.used
}

func (l *lazyEngine) close() {
	if l.engine != nil {
		_ = l.engine.Close() // frees memory; the program ends next
	}
}

// matrixSpeed measures a backend for a moment. A failure is for the run itself to meet, and leaves
// the speed unknown.
func matrixSpeed(b *biogpt.Backend) float64 {
	speed, err := b.Speed(300 * time.Millisecond)
	if err != nil {
		return 0
	}
	return speed.FLOPS * float64(len(b.Peers()))
}
