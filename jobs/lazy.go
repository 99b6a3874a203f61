package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/catalog"
)

// peakAfter is how long an engine computes before the speed of its backend is measured: short runs
// need not wait for that.
const peakAfter = 20 * time.Second

// lazyEngine opens the engine when states are first asked for: a run with nothing to do need not
// wait for it.
type lazyEngine struct {
	model   *catalog.Model
	dim     int
	backend *biogpt.Backend
	engine  *biogpt.Engine
	opened  time.Time

	mu    sync.Mutex
	usage engineUsage
}

// engineUsage is what an engine has done so far.
type engineUsage struct {
	biogpt.Stats
	Peak float64 // FLOP/s of the backend's matrix products; 0 before it was measured
}

// Dim is the width of a state.
func (l *lazyEngine) Dim() int { return l.dim }

// Exact reports whether states do not depend on the other sequences of a call.
func (l *lazyEngine) Exact() bool { return l.backend.Class() == device.CPU }

// Encode passes the states of sequences to done.
func (l *lazyEngine) Encode(ctx context.Context, sequences [][]int32, done func(i int, states []float32)) error {
	if l.engine == nil {
		engine, err := biogpt.Open(l.model.FS, l.backend)
		if err != nil {
			return fmt.Errorf("model %s: %w", l.model.Card.Name, err)
		}
		l.engine, l.opened = engine, time.Now()
	}
	err := l.engine.EncodeEach(ctx, sequences, done)
	now := engineUsage{Stats: l.engine.Stats(), Peak: l.used().Peak}
	if now.Peak == 0 && time.Since(l.opened) > peakAfter {
		now.Peak = matrixSpeed(l.backend)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.usage = now
	return err
}

// used returns what the engine has done so far. It may be called while the engine computes.
func (l *lazyEngine) used() engineUsage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.usage
}

func (l *lazyEngine) close() error {
	if l.engine == nil {
		return nil
	}
	return l.engine.Close()
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

// generateSlots is how many prompts a run continues side by side: 16 give the most tokens per
// second on two cores (model/biogpt/README.md).
const generateSlots = 16

// lazyGenerator opens the generator when it is first asked.
type lazyGenerator struct {
	model     *catalog.Model
	slots     int
	backend   *biogpt.Backend
	generator *biogpt.Generator
}

// Exact reports whether completions do not depend on the other prompts of a call.
func (l *lazyGenerator) Exact() bool { return l.backend.Class() == device.CPU }

// Generate continues prompts, and passes the completions to done.
func (l *lazyGenerator) Generate(
	ctx context.Context, prompts []model.Prompt, done func(i int, c model.Completion),
) error {
	if l.generator == nil {
		g, err := biogpt.NewGenerator(l.model.FS, l.backend, l.slots)
		if err != nil {
			return fmt.Errorf("model %s: %w", l.model.Card.Name, err)
		}
		l.generator = g
	}
	return biogpt.Generate(ctx, l.generator, l.generator.Limits, prompts, done)
}

func (l *lazyGenerator) close() error {
	if l.generator == nil {
		return nil
	}
	return l.generator.Close()
}
