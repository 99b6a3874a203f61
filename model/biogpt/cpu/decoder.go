package cpu

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// A Decoder is a decoding.Decoder that runs a trunk. The logits after equal tokens are equal to the
// last bit, whatever the other slots hold or a call names, whether the tokens were read as a prompt
// or one by one, and with any number of threads.
type Decoder struct {
	pass   *pass
	slots  []sequence
	limits decoding.Limits
	last   rows // of the last layer, after the last token of each sequence of a call
	logits rows
}

var _ decoding.Decoder = (*Decoder)(nil)

// New reads the parameters of a model and returns a Decoder of it, with the given number of slots,
// that uses up to the given number of threads.
func New(cfg Config, from Tensors, slots, threads int) (*Decoder, error) {
	t, err := NewTrunk(cfg, from, threads)
	if err != nil {
		return nil, err
	}
	return t.Decoder(slots)
}

// Decoder returns a Decoder with the given number of slots. Memory for a sequence is allocated as
// it grows.
func (t *Trunk) Decoder(slots int) (*Decoder, error) {
	if t.cfg.Bidirectional {
		return nil, errors.New("its attention is bidirectional: only a causal model can generate")
	}
	d := &Decoder{
		pass: newPass(t), slots: make([]sequence, slots),
		limits: decoding.Limits{Slots: slots, Vocab: t.cfg.Vocab, MaxLen: t.cfg.MaxPositions},
	}
	for i := range d.slots {
		d.slots[i].layers = make([][]*page, t.cfg.Layers)
	}
	return d, nil
}

// Limits returns the limits of the decoder.
func (d *Decoder) Limits() decoding.Limits { return d.limits }

// Prefill implements decoding.Decoder. Prompts are read together, without padding.
func (d *Decoder) Prefill(ctx context.Context, prompts []decoding.Prompt) ([][]float32, error) {
	err := cmp.Or(ctx.Err(), d.limits.CheckPrompts(prompts))
	for _, p := range prompts {
		d.forget(p.Slot)
	}
	d.last.resize(len(prompts), d.pass.cfg.Hidden)
	if err == nil {
		err = batches(len(prompts), func(i int) int { return len(prompts[i].IDs) }, func(from, to int) error {
			return d.prefill(ctx, prompts[from:to], from)
		})
	}
	if err != nil {
		for _, p := range prompts {
			d.forget(p.Slot)
		}
		return nil, fmt.Errorf("prefill: %w", err)
	}
	return d.rows(&d.last), nil
}

// prefill reads prompts in one pass and copies their last rows to d.last from first on.
func (d *Decoder) prefill(ctx context.Context, prompts []decoding.Prompt, first int) error {
	var runs []run
	var ids []int32
	for _, p := range prompts {
		d.pass.attention.heap.grow(&d.slots[p.Slot], len(p.IDs))
		runs = append(runs, run{&d.slots[p.Slot], len(ids), 0, len(p.IDs)})
		ids = append(ids, p.IDs...)
	}
	if err := d.pass.run(ctx, runs, ids); err != nil {
		return err
	}
	for i, r := range runs {
		copy(d.last.row(first+i), d.pass.x.row(r.first+r.n-1))
	}
	return nil
}

// Step implements decoding.Decoder.
func (d *Decoder) Step(ctx context.Context, tokens []decoding.Token) ([][]float32, error) {
	err := cmp.Or(ctx.Err(), d.limits.CheckTokens(tokens, d.lengths()))
	if err == nil {
		err = d.step(ctx, tokens)
	}
	if err != nil {
		for _, t := range tokens {
			d.forget(t.Slot)
		}
		return nil, fmt.Errorf("step: %w", err)
	}
	return d.rows(&d.pass.x), nil
}

func (d *Decoder) step(ctx context.Context, tokens []decoding.Token) error {
	var runs []run
	var ids []int32
	for i, t := range tokens {
		s := &d.slots[t.Slot]
		runs = append(runs, run{s, i, s.length, 1})
		ids = append(ids, t.ID)
		d.pass.attention.heap.grow(s, 1)
	}
	return d.pass.run(ctx, runs, ids)
}

// Copy implements decoding.Decoder. It is cheap: slots share the pages that they have in common.
func (d *Decoder) Copy(ctx context.Context, from, to []int) error {
	err := cmp.Or(ctx.Err(), d.limits.CheckCopy(from, to, d.lengths()))
	var held []sequence
	if err == nil {
		for _, slot := range from {
			held = append(held, d.pass.attention.heap.share(d.slots[slot]))
		}
	}
	for _, slot := range to {
		d.forget(slot)
	}
	if err != nil {
		for _, slot := range from {
			d.forget(slot)
		}
		return fmt.Errorf("copy: %w", err)
	}
	for i, slot := range to {
		d.slots[slot] = held[i]
	}
	return nil
}

// forget empties a slot, if it exists.
func (d *Decoder) forget(slot int) {
	if slot >= 0 && slot < len(d.slots) {
		d.pass.attention.heap.drop(&d.slots[slot])
	}
}

func (d *Decoder) lengths() []int {
	lengths := make([]int, len(d.slots))
	for i, s := range d.slots {
		lengths[i] = s.length
	}
	return lengths
}

// rows returns the logits after rows of the last layer.
func (d *Decoder) rows(x *rows) [][]float32 {
	d.pass.logits(x, &d.logits)
	logits := make([][]float32, x.n)
	for i := range logits {
		logits[i] = d.logits.row(i)
	}
	return logits
}
