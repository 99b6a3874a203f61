package biogpt

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/generate"
)

// prefillTokens is the number of tokens, padding counted, that are read at once of prompts.
const prefillTokens = 4096

// A Decoder is a generate.Decoder that computes with an Engine's parameters, on its device.
type Decoder struct {
	engine *Engine
	cache  *cache
	limits generate.Limits
}

// NewDecoder returns a decoder with a number of slots. It shares the engine's parameters and must be closed before the engine; memory for keys and values
// is taken as it is needed. A bidirectional trunk cannot generate.
func NewDecoder(e *Engine, slots int) (*Decoder, error) {
	if !e.cfg.causal() {
		return nil, fmt.Errorf("model: its attention is %s: only a %s one can write", e.cfg.Attention, Causal)
	}
	if slots < 1 {
		return nil, fmt.Errorf("model: %d slots: one at least is needed", slots)
	}
	return &Decoder{engine: e, cache: newCache(e, slots), limits: e.cfg.Limits(slots)}, nil
}

// Limits returns those of a decoder of so many slots.
func (c Config) Limits(slots int) generate.Limits {
	return generate.Limits{Slots: slots, Vocab: c.Vocab, MaxLen: c.MaxPositions}
}

// Limits returns what the decoder holds.
func (d *Decoder) Limits() generate.Limits { return d.limits }

// Close frees what the decoder has on the device.
func (d *Decoder) Close() error {
	d.cache.close()
	return nil
}

// Prefill is generate.Decoder's.
func (d *Decoder) Prefill(ctx context.Context, prompts []generate.Prompt) ([][]float32, error) {
	if err := d.limits.CheckPrompts(prompts); err != nil {
		return nil, fmt.Errorf("prefill: %w", err)
	}
	for _, p := range prompts {
		d.cache.held[p.Slot] = holding{}
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

// group divides prompts, by index, into batches of a few shapes: of one bucket's length, and of 1, 4 or 16 rows.
func (d *Decoder) group(prompts []generate.Prompt) []batch {
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
func (d *Decoder) prefill(group batch, prompts []generate.Prompt) ([][]float32, error) {
	program, err := d.reading(group.Shape)
	if err != nil {
		return nil, err
	}
	ids, last := make([]int32, group.Size*group.Length), make([]int32, group.Size)
	sources := d.cache.keep()
	for i, at := range group.rows {
		p := prompts[at]
		copy(ids[i*group.Length:], p.IDs)
		last[i] = int32(len(p.IDs) - 1)
		sources[p.Slot] = source{slot: -1, row: i, tokens: len(p.IDs)}
	}
	var input [2]device.Buffer
	if input[0], err = device.Upload(d.engine.backend, ids, group.Size, group.Length); err != nil {
		return nil, err
	}
	defer device.Free(input[0])
	if input[1], err = device.Upload(d.engine.backend, last, group.Size); err != nil {
		return nil, err
	}
	defer device.Free(input[1])
	out, err := program.Run(append(input[:], d.engine.weights...), 0)
	defer device.Free(out...)
	if err != nil {
		return nil, err
	}
	if err := d.cache.rearrange(sources, fresh{capacity{group.Size, group.Length}, out[1:]}); err != nil {
		return nil, err
	}
	return d.logits(out[0], group.Size)
}

func (d *Decoder) logits(b device.Buffer, rows int) ([][]float32, error) {
	all, err := b.Float32s(rows * d.limits.Vocab)
	if err != nil {
		return nil, err
	}
	return slices.Collect(slices.Chunk(all, d.limits.Vocab)), nil
}

// reading returns the program that reads prompts: ids [size, length] and the place of the last of each become logits [size, vocabulary] and, layer by
// layer, keys and values as a cache holds them. Padding stands behind a prompt, where nothing of it sees it.
func (d *Decoder) reading(s Shape) (*device.Program, error) {
	e := d.engine
	inputs := append([]shapes.Shape{device.Shape[int32](s.Size, s.Length), device.Shape[int32](s.Size)}, ParamInputs(e.specs)...)
	return d.cache.compile(s, fmt.Sprintf("prefill %dx%d", s.Size, s.Length), inputs, func(in []*Node) []*Node {
		p, g := NameNodes(e.specs, in[2:]), in[0].Graph()
		positions := AddScalar(IotaLike(in[0], 1), positionOffset)
		square := shapes.Make(dtypes.Int32, 1, 1, s.Length, s.Length)
		bias := unseen(GreaterOrEqual(Iota(g, square, 2), Iota(g, square, 3)))
		var kept []*Node
		last, _ := layers(e.cfg, p, embed(e.cfg, p, in[0], positions), func(x *Node) *Node { return x }, func(i int, x *Node) *Node {
			query, key, value := project(e.cfg, p, i, x, s.Size, s.Length)
			kept = append(kept, key, value)
			weights := Softmax(Add(scores(query, key), bias), -1)
			return merge(e.cfg, p, i, product(weights, value))
		})
		row := Add(MulScalar(IotaLike(in[1], 0), s.Length), in[1])
		return append([]*Node{headLogits(p, Gather(last, Reshape(row, s.Size, 1)))}, kept...)
	})
}

// The columns of what a step reads, one row for each row of the cache.
const (
	stepID       = iota
	stepPosition // row of the position table
	stepMain     // tokens in the main part
	stepWrite    // the place in the recent part for the new token, -1 for none
	stepRecent   // and the places that follow: 1 where the recent part has a token of the row
	stepColumns  = stepRecent + recentTokens
)

// Step is generate.Decoder's.
func (d *Decoder) Step(ctx context.Context, tokens []generate.Token) ([][]float32, error) {
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
func (d *Decoder) step(tokens []generate.Token) ([][]float32, error) {
	c := d.cache
	if c.next == recentTokens {
		if err := c.rearrange(c.keep(), fresh{}); err != nil {
			return nil, err
		}
	}
	program, err := d.stepping(c.capacity)
	if err != nil {
		return nil, err
	}
	input, err := device.Upload(d.engine.backend, d.table(tokens), c.rows, stepColumns)
	if err != nil {
		return nil, err
	}
	defer device.Free(input)
	in := slices.Concat(c.recent, []device.Buffer{input}, c.main, d.engine.weights)
	donated := len(c.recent)
	c.recent = nil
	out, err := program.Run(in, donated)
	if err != nil {
		return nil, err
	}
	c.recent = out[1:]
	defer device.Free(out[0])
	for _, t := range tokens {
		c.held[t.Slot].recent = append(c.held[t.Slot].recent, c.next)
	}
	c.next++
	return d.logits(out[0], c.rows)
}

// table fills in what a step reads.
func (d *Decoder) table(tokens []generate.Token) []int32 {
	c := d.cache
	table := make([]int32, c.rows*stepColumns)
	for slot, h := range c.held[:c.rows] {
		row := table[slot*stepColumns:]
		row[stepPosition], row[stepMain], row[stepWrite] = positionOffset, int32(h.main), -1
		for _, at := range h.recent {
			row[stepRecent+at] = 1
		}
	}
	for _, t := range tokens {
		row := table[t.Slot*stepColumns:]
		row[stepID], row[stepWrite], row[stepRecent+c.next] = t.ID, int32(c.next), 1
		row[stepPosition] += int32(c.held[t.Slot].size())
	}
	return table
}

// stepping returns the program of a step: the recent part and what table makes become logits [rows, vocabulary] and the recent part with the new tokens.
func (d *Decoder) stepping(size capacity) (*device.Program, error) {
	e, parts := d.engine, 2*d.engine.cfg.Layers
	inputs := slices.Repeat([]shapes.Shape{d.cache.tokens(size.rows, recentTokens)}, parts)
	inputs = append(inputs, device.Shape[int32](size.rows, stepColumns))
	inputs = append(inputs, slices.Repeat([]shapes.Shape{d.cache.tokens(size.rows, size.length)}, parts)...)
	inputs = append(inputs, ParamInputs(e.specs)...)
	return d.cache.compile(size, fmt.Sprintf("step %dx%d", size.rows, size.length), inputs, func(in []*Node) []*Node {
		recent, table, main, p := in[:parts], in[parts], in[parts+1:2*parts+1], NameNodes(e.specs, in[2*parts+1:])
		column := func(from, to int) *Node { return Slice(table, AxisRange(), AxisRange(from, to)) }
		columns := func(i int) *Node { return Reshape(column(i, i+1), size.rows, 1, 1, 1) }
		places := func(n int) *Node { return Iota(table.Graph(), shapes.Make(dtypes.Int32, size.rows, 1, 1, n), 3) }
		spread := func(x *Node, n int) *Node { return BroadcastToDims(x, size.rows, 1, 1, n) }
		inMain := LessThan(places(size.length), spread(columns(stepMain), size.length))
		inRecent := GreaterThan(Reshape(column(stepRecent, stepColumns), size.rows, 1, 1, recentTokens), ScalarZero(table.Graph(), dtypes.Int32))
		bias := Concatenate([]*Node{unseen(inMain), unseen(inRecent)}, 3)
		write := Reshape(Equal(places(recentTokens), spread(columns(stepWrite), recentTokens)), size.rows, 1, recentTokens, 1)
		var kept []*Node
		x := embed(e.cfg, p, column(stepID, stepID+1), column(stepPosition, stepPosition+1))
		last, _ := layers(e.cfg, p, x, func(x *Node) *Node { return x }, func(i int, x *Node) *Node {
			query, key, value := project(e.cfg, p, i, x, size.rows, 1)
			put := func(part, token *Node) *Node {
				dims := part.Shape().Dimensions
				part = Where(BroadcastToDims(write, dims...), BroadcastToDims(token, dims...), part)
				kept = append(kept, part)
				return part
			}
			key, value = put(recent[2*i], key), put(recent[2*i+1], value)
			all := Concatenate([]*Node{scores(query, main[2*i]), scores(query, key)}, 3)
			weights := Softmax(Add(all, bias), -1)
			near := Slice(weights, AxisRange(), AxisRange(), AxisRange(), AxisRangeToEnd(size.length))
			far := Slice(weights, AxisRange(), AxisRange(), AxisRange(), AxisRangeFromStart(size.length))
			return merge(e.cfg, p, i, Add(product(far, main[2*i+1]), product(near, value)))
		})
		return append([]*Node{headLogits(p, last)}, kept...)
	})
}

// Copy is generate.Decoder's.
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
	sources, held := d.cache.keep(), d.cache.held
	for i := range from {
		sources[to[i]] = source{slot: from[i], tokens: held[from[i]].size()}
	}
	if err := d.cache.rearrange(sources, fresh{}); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}

// unseen turns what may be seen into what is added to the scores.
func unseen(seen *Node) *Node {
	g := seen.Graph()
	return Where(seen, ScalarZero(g, dtypes.Float32), Scalar(g, dtypes.Float32, masked))
}

// project returns query, scaled, key and value of layer i, each [size, heads, length, width], of x, [size*length, hidden].
func project(cfg Config, p Nodes, i int, x *Node, size, length int) (query, key, value *Node) {
	width := cfg.Hidden / cfg.Heads
	part := func(name string) *Node {
		return TransposeAllAxes(Reshape(affine(p, layer(i, "self_attn."+name), x), size, length, cfg.Heads, width), 0, 2, 1, 3)
	}
	return MulScalar(part("q_proj"), 1/math.Sqrt(float64(width))), part("k_proj"), part("v_proj")
}

// scores multiplies queries, [B, H, N, width], with keys, [B, H, M, width]: [B, H, N, M].
func scores(query, key *Node) *Node {
	return DotGeneral(query, []int{3}, []int{0, 1}, key, []int{3}, []int{0, 1})
}

// merge joins the heads of [B, H, N, width] and projects them: [B*N, hidden].
func merge(cfg Config, p Nodes, i int, mixed *Node) *Node {
	rows := mixed.Shape().Dim(0) * mixed.Shape().Dim(2)
	return affine(p, layer(i, "self_attn.out_proj"), Reshape(TransposeAllAxes(mixed, 0, 2, 1, 3), rows, cfg.Hidden))
}

// headLogits are Logits in the precision of the host.
func headLogits(p Nodes, states *Node) *Node { return ConvertDType(Logits(p, states), dtypes.Float32) }
