package cpu

import (
	"context"
	"fmt"
)

// passTokens is the number of tokens that a pass reads, if there are that many: enough for products
// to run at full speed, few enough for their results to stay in a large cache. A sequence is never
// cut.
const passTokens = 512

// batches calls f for ranges of n sequences that are read in one pass each, until one fails.
func batches(n int, length func(i int) int, f func(from, to int) error) error {
	for from := 0; from < n; {
		to, tokens := from, 0
		for to < n && (to == from || tokens+length(to) <= passTokens) {
			tokens += length(to)
			to++
		}
		if err := f(from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// States returns the last hidden states of sequences, one after the other: [tokens, hidden] for
// each. Sequences of one call are computed together without padding. It may be called from several
// goroutines.
func (t *Trunk) States(ctx context.Context, sequences [][]int32) ([][]float32, error) {
	for i, ids := range sequences {
		if err := t.check(ids); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	p, states := newPass(t), make([][]float32, len(sequences))
	err := batches(len(sequences), func(i int) int { return len(sequences[i]) }, func(from, to int) error {
		return p.states(ctx, sequences[from:to], states[from:to])
	})
	if err != nil {
		return nil, err
	}
	return states, nil
}

// projected is the number of states that are projected onto the vocabulary at once.
const projected = 128

// Logits calls do with the logits after each of the given states: [n, hidden], as States returns
// them. The logits are valid until do returns.
func (t *Trunk) Logits(states []float32, do func(i int, logits []float32)) {
	var x, logits rows
	p, n := newPass(t), len(states)/t.cfg.Hidden
	for first := 0; first < n; first += projected {
		x.resize(min(projected, n-first), t.cfg.Hidden)
		for i := range x.n {
			copy(x.row(i), states[(first+i)*t.cfg.Hidden:])
		}
		logits.resize(x.n, t.cfg.Vocab)
		p.product(t.tokens, &x, &logits, nil)
		for i := range x.n {
			do(first+i, logits.row(i))
		}
	}
}

// With returns a trunk that shares the parameters and whose passes use up to the given number of
// threads.
func (t *Trunk) With(threads int) *Trunk {
	other := *t
	other.threads = max(1, threads)
	return &other
}

// check returns an error if the sequence cannot be read.
func (t *Trunk) check(ids []int32) error {
	if len(ids) > t.cfg.MaxPositions {
		return fmt.Errorf("%d tokens, the model has %d positions", len(ids), t.cfg.MaxPositions)
	}
	for _, id := range ids {
		if id < 0 || int(id) >= t.cfg.Vocab {
			return fmt.Errorf("id %d, the vocabulary has %d", id, t.cfg.Vocab)
		}
	}
	return nil
}

// states reads sequences in one pass. The pages of a sequence serve one layer after the other.
func (p *pass) states(ctx context.Context, sequences [][]int32, states [][]float32) error {
	var runs []run
	var ids []int32
	for _, s := range sequences {
		one := sequence{layers: make([][]*page, 1)}
		p.attention.heap.grow(&one, len(s))
		defer p.attention.heap.drop(&one)
		seq := sequence{len(s), make([][]*page, p.cfg.Layers)}
		for i := range seq.layers {
			seq.layers[i] = one.layers[0]
		}
		runs = append(runs, run{&seq, len(ids), 0, len(s)})
		ids = append(ids, s...)
	}
	if err := p.run(ctx, runs, ids); err != nil {
		return err
	}
	p.normalize(p.norm, &p.x)
	for i, r := range runs {
		states[i] = make([]float32, 0, r.n*p.cfg.Hidden)
		for row := r.first; row < r.first+r.n; row++ {
			states[i] = append(states[i], p.normed.row(row)...)
		}
	}
	return nil
}
