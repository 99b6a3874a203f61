package biogpt

import (
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// prefillTokens is the number of tokens of prompts, including padding, that are read at once.
const prefillTokens = 4096

// A Decoder is a decoding.Decoder that computes with an Engine's parameters, on its device.
type Decoder struct {
	engine *Engine
	cache  *cache
	limits decoding.Limits
}

// NewDecoder returns a decoder with the given number of slots. It shares the engine's parameters
// and must be closed before the engine; memory for keys and values is allocated as needed. A
// bidirectional trunk cannot generate.
func NewDecoder(e *Engine, slots int) (*Decoder, error) {
	if !e.cfg.causal() {
		return nil, fmt.Errorf("its attention is %s: only a %s model can generate", e.cfg.Attention, Causal)
	}
	if slots < 1 {
		return nil, fmt.Errorf("%d slots: one at least is needed", slots)
	}
	return &Decoder{engine: e, cache: newCache(e, slots), limits: e.cfg.Limits(slots)}, nil
}

// Limits returns the limits of a decoder with the given number of slots.
func (c Config) Limits(slots int) decoding.Limits {
	return decoding.Limits{Slots: slots, Vocab: c.Vocab, MaxLen: c.MaxPositions}
}

// Limits returns the limits of the decoder.
func (d *Decoder) Limits() decoding.Limits { return d.limits }

// Close frees the decoder's memory on the device.
func (d *Decoder) Close() error {
	d.cache.close()
	return nil
}

// Prefill implements decoding.Decoder.
func (d *Decoder) Prefill(ctx context.Context, prompts []decoding.Prompt) ([][]float32, error) {
	if err := d.limits.CheckPrompts(prompts); err != nil {
		return nil, fmt.Errorf("prefill: %w", err)
	}
	for _, p := range prompts {
		d.cache.held[p.Slot] = slotState{}
	}
	logits := make([][]float32, len(prompts))
	for _, group := range d.group(prompts) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows, err := d.prefill(group, prompts)
		if err != nil {
			return nil, fmt.Errorf("prefill: %w", err)
		}
		for i, at := range group.rows {
			logits[at] = rows[i]
		}
	}
	return logits, nil
}

// group divides prompts, by index, into batches of few shapes: the length of a bucket and 1, 4 or
// 16 rows.
func (d *Decoder) group(prompts []decoding.Prompt) []batch {
	order := make([]int, len(prompts))
	for i := range order {
		order[i] = i
	}
	bucket := func(i int) int { return Bucket(len(prompts[i].IDs), d.limits.MaxLen) }
	slices.SortStableFunc(order, func(a, b int) int { return bucket(a) - bucket(b) })
	var groups []batch
	for len(order) > 0 {
		length := bucket(order[0])
		same := 1
		for same < len(order) && bucket(order[same]) == length {
			same++
		}
		size := 1
		for _, more := range []int{4, 16} {
			if 2*same > more && more*length <= prefillTokens {
				size = more
			}
		}
		n := min(size, same)
		groups = append(groups, batch{Shape{size, length}, order[:n]})
		order = order[n:]
	}
	return groups
}

// prefill reads one group of prompts and puts them into their slots.
func (d *Decoder) prefill(group batch, prompts []decoding.Prompt) (logits [][]float32, err error) {
	places := group.Size * group.Length
	ids, positions, last := make([]int32, places), make([]int32, places), make([]int32, group.Size)
	for i := range positions {
		positions[i] = int32(i%group.Length + positionOffset)
	}
	sources := d.cache.unchanged()
	for i, at := range group.rows {
		p := prompts[at]
		copy(ids[i*group.Length:], p.IDs)
		last[i] = int32(i*group.Length + len(p.IDs) - 1)
		sources[p.Slot] = source{slot: -1, row: i, tokens: len(p.IDs)}
	}
	x, err := d.embed(ids, positions)
	if err != nil {
		return nil, err
	}
	read := prefilled{capacity: capacity{group.Size, group.Length}}
	defer func() { device.Free(read.values...) }()
	for i := range d.engine.cfg.Layers {
		out, err := d.readLayer(group.Shape, i, x)
		if err != nil {
			return nil, err
		}
		x, read.values = out[0], append(read.values, out[1:]...)
	}
	defer device.Free(x)
	if err := d.cache.rearrange(sources, read); err != nil {
		return nil, err
	}
	return d.head(x, places, last)
}

// Step implements decoding.Decoder.
func (d *Decoder) Step(ctx context.Context, tokens []decoding.Token) ([][]float32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.limits.CheckTokens(tokens, d.cache.lengths()); err != nil {
		return nil, fmt.Errorf("step: %w", err)
	}
	rows, err := d.step(tokens)
	if err != nil {
		d.cache.forget()
		return nil, fmt.Errorf("step: %w", err)
	}
	logits := make([][]float32, len(tokens))
	for i, t := range tokens {
		logits[i] = rows[t.Slot]
	}
	return logits, nil
}

// step returns the logits of every row of the cache.
func (d *Decoder) step(tokens []decoding.Token) ([][]float32, error) {
	c := d.cache
	if c.next == recentTokens {
		if err := c.rearrange(c.unchanged(), prefilled{}); err != nil {
			return nil, err
		}
	}
	ids, positions, all := make([]int32, c.rows), make([]int32, c.rows), make([]int32, c.rows)
	for i := range all {
		positions[i], all[i] = positionOffset, int32(i)
	}
	for _, t := range tokens {
		ids[t.Slot], positions[t.Slot] = t.ID, int32(c.held[t.Slot].size()+positionOffset)
	}
	table, err := device.Upload(d.engine.backend, d.table(tokens), c.rows, stepColumns)
	if err != nil {
		return nil, err
	}
	defer device.Free(table)
	x, err := d.embed(ids, positions)
	if err != nil {
		return nil, err
	}
	for i := range d.engine.cfg.Layers {
		if x, err = d.stepLayer(i, x, table); err != nil {
			return nil, err
		}
	}
	defer device.Free(x)
	for _, t := range tokens {
		c.held[t.Slot].recent = append(c.held[t.Slot].recent, c.next)
	}
	c.next++
	return d.head(x, c.rows, all)
}

// table returns, for each row of the cache, the places that a step may see and the place for its
// new token.
func (d *Decoder) table(tokens []decoding.Token) []int32 {
	c := d.cache
	table := make([]int32, c.rows*stepColumns)
	for slot, h := range c.held[:c.rows] {
		row := table[slot*stepColumns:]
		row[stepMain], row[stepWrite] = int32(h.main), -1
		for _, at := range h.recent {
			row[stepRecent+at] = 1
		}
	}
	for _, t := range tokens {
		row := table[t.Slot*stepColumns:]
		row[stepWrite], row[stepRecent+c.next] = int32(c.next), 1
	}
	return table
}

// Copy implements decoding.Decoder.
func (d *Decoder) Copy(ctx context.Context, from, to []int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.limits.CheckCopy(from, to, d.cache.lengths()); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if len(from) == 0 {
		return nil
	}
	sources, held := d.cache.unchanged(), d.cache.held
	for i := range from {
		sources[to[i]] = source{slot: from[i], tokens: held[from[i]].size()}
	}
	if err := d.cache.rearrange(sources, prefilled{}); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}
