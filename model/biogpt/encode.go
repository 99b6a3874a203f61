package biogpt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Encode returns the last hidden states of each sequence, after the final layer norm: len(sequence)
// rows of Dim values. Batches depend on the lengths only, so equal calls give equal results; the
// other sequences of a call change a state by less than 1e-5 in float32 (in bfloat16 by no more
// than its rounding error).
//
// If a batch does not fit the memory of the device, batches become smaller, for this and later
// calls.
func (e *Engine) Encode(ctx context.Context, sequences [][]int32) ([][]float32, error) {
	states := make([][]float32, len(sequences))
	err := e.EncodeEach(ctx, sequences, func(i int, rows []float32) { states[i] = rows })
	if err != nil {
		return nil, err
	}
	return states, nil
}

// EncodeEach is Encode that passes the states of a sequence to done as soon as they are computed:
// in any order, one call at a time, on any goroutine. When ctx ends it returns before the next
// layer.
func (e *Engine) EncodeEach(ctx context.Context, sequences [][]int32, done func(i int, states []float32)) error {
	lengths, longest := make([]int, len(sequences)), 0
	for i, s := range sequences {
		if err := e.cfg.CheckSequence(s); err != nil {
			return fmt.Errorf("sequence %d: %w", i, err)
		}
		lengths[i], longest = len(s), max(longest, len(s))
	}
	if e.kernels != nil {
		return e.encodeKernels(ctx, sequences, done)
	}
	for {
		left := plan(lengths, e.cfg.MaxPositions, e.layout)
		err := e.encodeAll(ctx, left, sequences, func(i int, states []float32) {
			lengths[i] = 0 // a smaller plan leaves it out
			done(i, states)
		})
		if less := e.layout.smaller(longest); errors.Is(err, device.ErrMemory) && less.tokens > 0 {
			e.layout = less
			continue
		}
		return err
	}
}

// encodeAll computes all batches; each lane takes the next one until none is left.
func (e *Engine) encodeAll(
	ctx context.Context, batches []batch, sequences [][]int32, done func(i int, states []float32),
) error {
	start, compiled := time.Now(), e.Stats().Compile
	err := share(ctx, len(e.lanes), len(batches), func(ctx context.Context, worker, task int) error {
		return e.encode(ctx, e.lanes[worker], batches[task], sequences, done)
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Busy += max(0, time.Since(start)-(e.stats.Compile-compiled))
	return err
}

// encodeKernels encodes with package cpu. If there are many sequences, each core computes different
// ones and never waits for another core; if there are few, all cores work on the same ones. The
// states are the same to the last bit.
func (e *Engine) encodeKernels(
	ctx context.Context, sequences [][]int32, done func(i int, states []float32),
) error {
	start, cores, most := time.Now(), runtime.GOMAXPROCS(0), e.layout.tokens
	var ends []int // ends of runs of sequences that are computed together
	tokens := 0
	for i, s := range sequences {
		if i > 0 && tokens+len(s) > most {
			ends, tokens = append(ends, i), 0
		}
		tokens += len(s)
	}
	ends = append(ends, len(sequences))
	trunk, workers := e.kernels.With(1), cores
	if len(ends) < 2*cores {
		trunk, workers = e.kernels, 1
	}
	err := share(ctx, workers, len(ends), func(ctx context.Context, _, task int) error {
		from := 0
		if task > 0 {
			from = ends[task-1]
		}
		made, err := trunk.States(ctx, sequences[from:ends[task]])
		e.mu.Lock()
		defer e.mu.Unlock()
		for i, states := range made {
			e.count(sequences[from+i])
			done(from+i, states)
		}
		return err
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Busy += time.Since(start)
	return err
}

// count adds a sequence, computed without padding.
func (e *Engine) count(s []int32) {
	e.stats.Sequences++
	e.stats.Tokens += int64(len(s))
	e.stats.Padded += int64(len(s))
	e.stats.FLOPs += e.cfg.FLOPs(len(s))
}

// share runs tasks on workers: each takes the next task until none is left or one failed.
func share(ctx context.Context, workers, tasks int, do func(ctx context.Context, worker, task int) error) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for worker := range min(workers, tasks) {
		g.Go(func() error {
			for {
				task := int(next.Add(1)) - 1
				if task >= tasks {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := do(ctx, worker, task); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// encode runs one batch.
func (e *Engine) encode(
	ctx context.Context, l lane, b batch, sequences [][]int32, done func(i int, states []float32),
) error {
	programs, err := e.stack(b.Shape)
	if err != nil {
		return err
	}
	rows := make([][]int32, len(b.rows))
	for i, row := range b.rows {
		rows[i] = sequences[row]
	}
	input, err := Pack(rows, b.Size, b.Length).Upload(l.device)
	if err != nil {
		return err
	}
	defer device.Free(input...)
	out, err := programs.run(ctx, l, input[0], input[1], input[2])
	if err != nil {
		return err
	}
	defer device.Free(out)
	all, err := out.Float32s(b.Size * b.Length * e.cfg.Hidden)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, row := range b.rows {
		first, n := i*b.Length*e.cfg.Hidden, len(sequences[row])
		e.count(sequences[row])
		e.stats.Padded += int64(b.Length - n)
		done(row, all[first:first+n*e.cfg.Hidden:first+n*e.cfg.Hidden])
	}
	return nil
}
