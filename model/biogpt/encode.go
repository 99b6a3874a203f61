package biogpt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Encode returns the last hidden states of each sequence, after the final layer norm: len(sequence) rows of Dim values. Batches
// are a function of the lengths alone, so equal calls give equal results; what else is in a call changes a sequence's states by
// less than 1e-5 in float32 (and by no more than the precision's own error in bfloat16).
//
// Where the memory of the device is too small for a batch, batches are made smaller, for this call and those that follow.
func (e *Engine) Encode(ctx context.Context, sequences [][]int32) ([][]float32, error) {
	lengths := make([]int, len(sequences))
	for i, s := range sequences {
		if err := e.cfg.CheckSequence(s); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
		lengths[i] = len(s)
	}
	states := make([][]float32, len(sequences))
	for {
		err := e.encodeAll(ctx, plan(lengths, e.cfg.MaxPositions, e.layout), sequences, states)
		if errors.Is(err, device.ErrMemory) && len(lengths) > 0 && e.layout.tokens > slices.Max(lengths) {
			e.layout.tokens /= 2
			continue
		}
		if err != nil {
			return nil, err
		}
		return states, nil
	}
}

// encodeAll has each lane take the next batch until there is none.
func (e *Engine) encodeAll(ctx context.Context, batches []batch, sequences [][]int32, states [][]float32) error {
	start, compiled := time.Now(), e.Stats().Compile
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range e.lanes[:min(len(e.lanes), len(batches))] {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(batches) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := e.encode(l, batches[i], sequences, states); err != nil {
					return err
				}
			}
		})
	}
	err := g.Wait()
	e.mu.Lock()
	e.stats.Busy += max(0, time.Since(start)-(e.stats.Compile-compiled))
	e.mu.Unlock()
	return err
}

// encode runs one batch and puts the states of its sequences in their places.
func (e *Engine) encode(l lane, b batch, sequences [][]int32, states [][]float32) error {
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
	out, err := programs.run(l, input[0], input[1], input[2])
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
		states[row] = all[first : first+n*e.cfg.Hidden : first+n*e.cfg.Hidden]
		e.stats.Sequences++
		e.stats.Tokens += int64(n)
		e.stats.FLOPs += e.cfg.FLOPs(n)
	}
	e.stats.Padded += int64(b.Size * b.Length)
	return nil
}
