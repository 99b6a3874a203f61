package biogpt

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// The keys of the programs of a Decoder. As in a stack, one program serves all layers, so that many
// shapes can be compiled.
type (
	embedKey struct{ places int }
	headKey  struct{ places, rows int }
	readKey  struct{ Shape }
	stepKey  struct{ capacity }
)

// layerWeights are the parameters of layer i.
func (e *Engine) layerWeights(i int) []device.Buffer {
	return e.weights[tables+i*perLayer : tables+(i+1)*perLayer]
}

// layerSpecs are the parameters of a layer, by their names in layer 0.
func (e *Engine) layerSpecs() []Spec { return e.specs[tables : tables+perLayer] }

// embed looks up tokens and positions: [places, hidden].
func (d *Decoder) embed(ids, positions []int32) (x device.Buffer, err error) {
	e, n := d.engine, len(ids)
	ints, specs := device.Shape[int32](n), e.specs[:tables]
	program, err := d.cache.compile(
		embedKey{n},
		"embedding",
		append([]shapes.Shape{ints, ints}, e.precision.inputs(specs)...),
		func(in []*Node) []*Node {
			return []*Node{embed(e.cfg, NameNodes(specs, in[2:]), in[0], in[1])}
		},
	)
	if err != nil {
		return x, err
	}
	out, err := d.run(program, e.weights[:tables], ids, positions)
	if err != nil {
		return x, err
	}
	return out[0], nil
}

// head returns the logits after some of the places of x.
func (d *Decoder) head(x device.Buffer, places int, rows []int32) ([][]float32, error) {
	e, n := d.engine, len(rows)
	specs := append(slices.Clone(e.specs[len(e.specs)-finalNorms:]), e.specs[0])
	inputs := append(
		[]shapes.Shape{device.Shape[int32](n), device.Shape[float32](places, e.cfg.Hidden)},
		e.precision.inputs(specs)...)
	program, err := d.cache.compile(headKey{places, n}, "logits", inputs, func(in []*Node) []*Node {
		p := NameNodes(specs, in[2:])
		return []*Node{Logits(p, norm(p, finalNorm, Gather(in[1], Reshape(in[0], n, 1))))}
	})
	if err != nil {
		return nil, err
	}
	weights := append([]device.Buffer{x}, e.weights[len(e.weights)-finalNorms:]...)
	out, err := d.run(program, append(weights, e.weights[0]), rows)
	if err != nil {
		return nil, err
	}
	defer device.Free(out...)
	all, err := out[0].Float32s(n * e.cfg.Vocab)
	if err != nil {
		return nil, err
	}
	return slices.Collect(slices.Chunk(all, e.cfg.Vocab)), nil
}

// run runs a program on lists of numbers and on buffers.
func (d *Decoder) run(p *device.Program, loaded []device.Buffer, lists ...[]int32) ([]device.Buffer, error) {
	var in []device.Buffer
	defer func() { device.Free(in[:min(len(in), len(lists))]...) }()
	for _, list := range lists {
		b, err := device.Upload(d.engine.backend, list, len(list))
		if err != nil {
			return nil, err
		}
		in = append(in, b)
	}
	in = append(in, loaded...)
	return p.Run(in, 0)
}

// readLayer computes layer i for prompts of a shape: from x, which it consumes, the output of the
// layer, and keys and values in the layout of a cache. Padding follows a prompt, whose tokens do
// not see it.
func (d *Decoder) readLayer(s Shape, i int, x device.Buffer) ([]device.Buffer, error) {
	e, specs := d.engine, d.engine.layerSpecs()
	inputs := append([]shapes.Shape{device.Shape[float32](s.Size*s.Length, e.cfg.Hidden)}, e.precision.inputs(specs)...)
	program, err := d.cache.compile(
		readKey{s},
		fmt.Sprintf("prefill %dx%d", s.Size, s.Length),
		inputs,
		func(in []*Node) []*Node {
			p := NameNodes(specs, in[1:])
			square := shapes.Make(dtypes.Int32, 1, 1, s.Length, s.Length)
			bias := unseen(GreaterOrEqual(Iota(in[0].Graph(), square, 2), Iota(in[0].Graph(), square, 3)))
			var kept []*Node
			out := block(p, 0, in[0], keep, func(i int, x *Node) *Node {
				query, key, value := project(e.cfg, p, x, s.Size, s.Length)
				kept = []*Node{key, value}
				weights := Softmax(Add(scores(query, key), bias), -1)
				return merge(e.cfg, p, product(ConvertDType(weights, value.DType()), value))
			})
			return append([]*Node{out}, kept...)
		},
	)
	if err != nil {
		return nil, err
	}
	return program.Run(append([]device.Buffer{x}, e.layerWeights(i)...), 1)
}

// The columns of the table that a step reads, one row for each row of the cache.
const (
	stepMain    = iota // tokens in the main part
	stepWrite          // the place in the recent part for the new token, -1 for none
	stepRecent         // and the places that follow: 1 where the recent part has a token of the row
	stepColumns = stepRecent + recentTokens
)

// stepLayer computes layer i of a step: from x, which it consumes, the output of the layer; the
// recent part gets the new tokens.
func (d *Decoder) stepLayer(i int, x, table device.Buffer) (device.Buffer, error) {
	c := d.cache
	program, err := d.stepping(c.capacity)
	if err != nil {
		return device.Buffer{}, err
	}
	in := []device.Buffer{x, c.recent[2*i], c.recent[2*i+1], table, c.main[2*i], c.main[2*i+1]}
	c.recent[2*i], c.recent[2*i+1] = device.Buffer{}, device.Buffer{}
	out, err := program.Run(append(in, d.engine.layerWeights(i)...), 3)
	if err != nil {
		return device.Buffer{}, err
	}
	c.recent[2*i], c.recent[2*i+1] = out[1], out[2]
	return out[0], nil
}

func (d *Decoder) stepping(size capacity) (*device.Program, error) {
	e, specs := d.engine, d.engine.layerSpecs()
	recent, main := d.cache.tokens(size.rows, recentTokens), d.cache.tokens(size.rows, size.length)
	inputs := []shapes.Shape{
		device.Shape[float32](size.rows, e.cfg.Hidden), recent, recent, device.Shape[int32](size.rows, stepColumns),
		main, main,
	}
	inputs = append(inputs, e.precision.inputs(specs)...)
	return d.cache.compile(
		stepKey{size},
		fmt.Sprintf("step %dx%d", size.rows, size.length),
		inputs,
		func(in []*Node) []*Node {
			p, table, farKey, farValue := NameNodes(specs, in[6:]), in[3], in[4], in[5]
			g := table.Graph()
			column := func(i int, n int) *Node {
				return BroadcastToDims(
					Reshape(Slice(table, AxisRange(), AxisElem(i)), size.rows, 1, 1, 1), size.rows, 1, 1, n,
				)
			}
			places := func(n int) *Node { return Iota(g, shapes.Make(dtypes.Int32, size.rows, 1, 1, n), 3) }
			inMain := LessThan(places(size.length), column(stepMain, size.length))
			inRecent := Reshape(Slice(table, AxisRange(), AxisRangeToEnd(stepRecent)), size.rows, 1, 1, recentTokens)
			bias := unseen(Concatenate([]*Node{inMain, GreaterThan(inRecent, ScalarZero(g, dtypes.Int32))}, 3))
			write := Reshape(
				Equal(places(recentTokens), column(stepWrite, recentTokens)), size.rows, 1, recentTokens, 1,
			)
			put := func(part, token *Node) *Node {
				dims := part.Shape().Dimensions
				return Where(BroadcastToDims(write, dims...), BroadcastToDims(token, dims...), part)
			}
			var kept []*Node
			out := block(p, 0, in[0], keep, func(_ int, x *Node) *Node {
				query, key, value := project(e.cfg, p, x, size.rows, 1)
				key, value = put(in[1], key), put(in[2], value)
				kept = []*Node{key, value}
				all := Concatenate([]*Node{scores(query, farKey), scores(query, key)}, 3)
				weights := ConvertDType(Softmax(Add(all, bias), -1), value.DType())
				near := Slice(weights, AxisRange(), AxisRange(), AxisRange(), AxisRangeToEnd(size.length))
				far := Slice(weights, AxisRange(), AxisRange(), AxisRange(), AxisRangeFromStart(size.length))
				return merge(e.cfg, p, Add(product(far, farValue), product(near, value)))
			})
			return append([]*Node{out}, kept...)
		},
	)
}

// unseen returns the bias that hides the places that may not be seen from the scores.
func unseen(seen *Node) *Node {
	g := seen.Graph()
	return Where(seen, ScalarZero(g, dtypes.Float32), Scalar(g, dtypes.Float32, masked))
}

// project returns query, scaled, key and value of a layer, each [size, heads, length, width], of x,
// [size*length, hidden]. They are rounded to the type of the weights, as operands of products.
func project(cfg Config, p Nodes, x *Node, size, length int) (query, key, value *Node) {
	width := cfg.Hidden / cfg.Heads
	part := func(name string, scale float64) *Node {
		name = layer(0, "self_attn."+name)
		y := Reshape(affine(p, name, x), size, length, cfg.Heads, width)
		if scale != 1 {
			y = MulScalar(y, scale)
		}
		return ConvertDType(TransposeAllAxes(y, 0, 2, 1, 3), p[name+".weight"].DType())
	}
	return part("q_proj", 1/math.Sqrt(float64(width))), part("k_proj", 1), part("v_proj", 1)
}

// scores multiplies queries, [B, H, N, width], with keys, [B, H, M, width]: [B, H, N, M].
func scores(query, key *Node) *Node {
	return dot(query, []int{3}, []int{0, 1}, key, []int{3}, []int{0, 1})
}

// merge joins the heads of [B, H, N, width] and projects them: [B*N, hidden].
func merge(cfg Config, p Nodes, mixed *Node) *Node {
	rows := mixed.Shape().Dim(0) * mixed.Shape().Dim(2)
	return affine(p, layer(0, "self_attn.out_proj"), Reshape(TransposeAllAxes(mixed, 0, 2, 1, 3), rows, cfg.Hidden))
}
