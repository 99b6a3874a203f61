// Package decodingtest has a Fake decoder and the conformance suite of decoders (Run), for tests of
// generation.
package decodingtest

import (
	"cmp"
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// A Model returns the logits of the token that follows ids.
type Model func(ids []int32) []float32

// Random is a Model of a vocabulary whose logits are drawn from a generator that is seeded with the
// ids, so that different texts have different logits.
func Random(vocab int) Model {
	return func(ids []int32) []float32 {
		h := fnv.New64a()
		for _, id := range ids {
			h.Write([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24)})
		}
		rng := rand.New(rand.NewPCG(h.Sum64(), 1))
		logits := make([]float32, vocab)
		for i := range logits {
			logits[i] = float32(2 * rng.NormFloat64())
		}
		return logits
	}
}

// Call is a successful call of a Fake: the slots of a Prefill or Step, or the destinations of a
// Copy.
type Call struct {
	Method string
	Slots  []int
}

// Fake is a decoder that keeps the ids of each slot and asks a Model. It checks its arguments as
// decoding.Decoder requires.
type Fake struct {
	Limits decoding.Limits
	Model  Model
	Calls  []Call
	Err    error // returned by every call once it is set

	held [][]int32
}

// NewFake returns a Fake with empty slots.
func NewFake(l decoding.Limits, m Model) *Fake {
	return &Fake{Limits: l, Model: m, held: make([][]int32, l.Slots)}
}

// Prefill implements decoding.Decoder.
func (f *Fake) Prefill(ctx context.Context, prompts []decoding.Prompt) ([][]float32, error) {
	if err := cmp.Or(ctx.Err(), f.Err, f.Limits.CheckPrompts(prompts)); err != nil {
		return nil, err
	}
	var slots []int
	for _, p := range prompts {
		slots = append(slots, p.Slot)
		f.held[p.Slot] = slices.Clone(p.IDs)
	}
	return f.logits("prefill", slots), nil
}

// Step implements decoding.Decoder.
func (f *Fake) Step(ctx context.Context, tokens []decoding.Token) ([][]float32, error) {
	if err := cmp.Or(ctx.Err(), f.Err, f.Limits.CheckTokens(tokens, f.lengths())); err != nil {
		return nil, err
	}
	var slots []int
	for _, t := range tokens {
		slots = append(slots, t.Slot)
		f.held[t.Slot] = append(f.held[t.Slot], t.ID)
	}
	return f.logits("step", slots), nil
}

// Copy implements decoding.Decoder.
func (f *Fake) Copy(ctx context.Context, from, to []int) error {
	if err := cmp.Or(ctx.Err(), f.Err, f.Limits.CheckCopy(from, to, f.lengths())); err != nil {
		return err
	}
	before := slices.Clone(f.held)
	for i := range from {
		f.held[to[i]] = slices.Clone(before[from[i]])
	}
	f.Calls = append(f.Calls, Call{"copy", slices.Clone(to)})
	return nil
}

func (f *Fake) lengths() []int {
	lengths := make([]int, len(f.held))
	for i, ids := range f.held {
		lengths[i] = len(ids)
	}
	return lengths
}

func (f *Fake) logits(method string, slots []int) [][]float32 {
	f.Calls = append(f.Calls, Call{method, slots})
	rows := make([][]float32, len(slots))
	for i, slot := range slots {
		rows[i] = slices.Clone(f.Model(f.held[slot]))
	}
	return rows
}
