package biogpt

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// recentTokens is the number of steps after which keys and values are moved from the recent part of
// a cache to the main part.
const recentTokens = 32

// A cache holds the keys and values of sequences on a device, in two parts. The main part, [rows,
// heads, length, width] for the keys and the values of each layer, is only read by a step; a step
// writes to the recent part, [rows, heads, recentTokens, width], at one place for all rows. A step
// thus copies the small part, where the backend cannot write in place, and never the large one.
// When the recent part is full, and when a sequence is replaced or copied, a new main part is made
// from tokens of both parts and of prompts that were just read. The order of a sequence's tokens in
// the cache has no meaning, because positions are part of the embedding.
type cache struct {
	engine   *Engine
	capacity                 // of the main part; zero before it exists
	main     []device.Buffer // keys and values of layer 0, of layer 1, …
	recent   []device.Buffer // the same
	next     int             // place in recent that the next step writes to
	held     []slotState     // by slot
	programs map[any]*device.Program
}

// capacity is a number of rows, one for each slot, and of tokens in each.
type capacity struct{ rows, length int }

// slotState is where the tokens of a slot are: in the first places of the main part, and in the
// listed places of the recent part.
type slotState struct {
	main   int
	recent []int
}

func (h slotState) size() int { return h.main + len(h.recent) }

// prefilled holds the keys and values of prompts that were just read, in the layout of a main part.
// The zero value holds none.
type prefilled struct {
	capacity
	values []device.Buffer
}

// source is the new content of a slot: the content of another slot or, where slot is -1, the first
// tokens of a row of prefilled.
type source struct{ slot, row, tokens int }

func newCache(e *Engine, slots int) *cache {
	return &cache{engine: e, held: make([]slotState, slots), programs: map[any]*device.Program{}}
}

func (c *cache) close() {
	c.forget()
	for _, p := range c.programs {
		p.Close()
	}
	c.programs = nil
}

// forget empties the cache and frees its memory.
func (c *cache) forget() {
	device.Free(c.main...)
	device.Free(c.recent...)
	c.main, c.recent, c.capacity, c.next = nil, nil, capacity{}, 0
	clear(c.held)
}

// lengths returns the number of tokens in each slot.
func (c *cache) lengths() []int {
	n := make([]int, len(c.held))
	for i, h := range c.held {
		n[i] = h.size()
	}
	return n
}

// compile returns the program of a key, compiled if it is not yet.
func (c *cache) compile(
	key any, name string, inputs []shapes.Shape, build func(in []*Node) []*Node,
) (*device.Program, error) {
	if p, ok := c.programs[key]; ok {
		return p, nil
	}
	p, err := c.engine.backend.Compile(name, inputs, build)
	if err == nil {
		c.programs[key] = p
	}
	return p, err
}

// tokens is the shape of the keys or values of rows of the given length, in one layer.
func (c *cache) tokens(rows, length int) shapes.Shape {
	dtype := dtypes.Float32
	if c.engine.precision == BFloat16 {
		dtype = dtypes.BFloat16
	}
	return shapes.Make(dtype, rows, c.engine.cfg.Heads, length, c.engine.cfg.Hidden/c.engine.cfg.Heads)
}

// zeros makes a part of zeros for the keys and values of each layer.
func (c *cache) zeros(rows, length int) ([]device.Buffer, error) {
	shape := c.tokens(rows, length)
	program, err := c.compile(
		shape.String(),
		"zeros",
		[]shapes.Shape{device.Shape[float32]()},
		func(in []*Node) []*Node {
			return []*Node{BroadcastToDims(ConvertDType(in[0], shape.DType), shape.Dimensions...)}
		},
	)
	if err != nil {
		return nil, err
	}
	zero, err := device.Upload(c.engine.backend, []float32{0})
	if err != nil {
		return nil, err
	}
	defer device.Free(zero)
	var part []device.Buffer
	for range 2 * c.engine.cfg.Layers {
		out, err := program.Run([]device.Buffer{zero}, 0)
		part = append(part, out...)
		if err != nil {
			device.Free(part...)
			return nil, err
		}
	}
	return part, nil
}

// unchanged returns the sources by which every slot keeps its content.
func (c *cache) unchanged() []source {
	list := make([]source, len(c.held))
	for i, h := range c.held {
		list[i] = source{slot: i, tokens: h.size()}
	}
	return list
}

// fit is the smallest capacity that holds the sources, among those that programs are compiled for:
// all slots or a power of four of them, and a power of two of tokens. Few capacities matter more
// than tight ones: a program takes long to compile, and little longer over empty places.
func (c *cache) fit(sources []source) capacity {
	size := capacity{1, 64}
	for slot, s := range sources {
		for size.length < s.tokens {
			size.length *= 2
		}
		for s.tokens > 0 && size.rows <= slot {
			size.rows *= 4
		}
	}
	return capacity{min(size.rows, len(c.held)), min(size.length, c.engine.cfg.MaxPositions)}
}

// rearrange makes a new main part, in which each slot has the content of its source, and empties
// the recent part. After an error the cache is empty.
func (c *cache) rearrange(sources []source, f prefilled) error {
	next := c.fit(sources)
	err := c.prepare(next)
	if err == nil {
		err = c.move(sources, f, next)
	}
	if err == nil && c.rows != next.rows {
		device.Free(c.recent...)
		c.recent, err = c.zeros(next.rows, recentTokens)
	}
	if err != nil {
		c.forget()
		return err
	}
	c.capacity, c.next = next, 0
	for i, s := range sources {
		c.held[i] = slotState{main: s.tokens}
	}
	return nil
}

// prepare makes both parts if they do not exist yet.
func (c *cache) prepare(size capacity) (err error) {
	if c.main != nil {
		return nil
	}
	c.capacity = size
	if c.main, err = c.zeros(size.rows, size.length); err != nil {
		return err
	}
	c.recent, err = c.zeros(size.rows, recentTokens)
	return err
}

// move replaces the main part by one of the next capacity.
func (c *cache) move(sources []source, f prefilled, next capacity) error {
	program, err := c.moving(f.capacity, next)
	if err != nil {
		return err
	}
	base, stride := c.route(sources, f.capacity, next)
	var input [2]device.Buffer
	for i, values := range [][]int32{base, stride} {
		if input[i], err = device.Upload(c.engine.backend, values, next.rows, 1, next.length); err != nil {
			device.Free(input[:]...)
			return err
		}
	}
	defer device.Free(input[:]...)
	for i := range c.main {
		in := append([]device.Buffer{c.main[i]}, input[0], input[1], c.recent[i])
		if f.rows > 0 {
			in = append(in, f.values[i])
		}
		c.main[i] = device.Buffer{} // donated
		out, err := program.Run(in, 1)
		if err != nil {
			return err
		}
		c.main[i] = out[0]
	}
	return nil
}

// route returns, for each place of a main part of the next capacity, the row of its first head in
// the table that moving builds of all parts, and the distance in rows to the next head. Empty
// places get row 0, whose values are finite.
func (c *cache) route(sources []source, f, next capacity) (base, stride []int32) {
	heads := c.engine.cfg.Heads
	base, stride = make([]int32, next.rows*next.length), make([]int32, next.rows*next.length)
	recent := c.rows * heads * c.length
	prompts := recent + c.rows*heads*recentTokens
	for slot, s := range sources {
		at := slot * next.length
		put := func(row, step int) {
			base[at], stride[at] = int32(row), int32(step)
			at++
		}
		switch {
		case s.tokens == 0:
		case s.slot < 0:
			for i := range s.tokens {
				put(prompts+s.row*heads*f.length+i, f.length)
			}
		default:
			h := c.held[s.slot]
			for i := range h.main {
				put(s.slot*heads*c.length+i, c.length)
			}
			for _, i := range h.recent {
				put(recent+s.slot*heads*recentTokens+i, recentTokens)
			}
		}
	}
	return base, stride
}

// moving returns the program that builds the next main part, for the keys or the values of one
// layer.
func (c *cache) moving(f, next capacity) (*device.Program, error) {
	type key struct{ now, prefilled, next capacity }
	places := shapes.Make(dtypes.Int32, next.rows, 1, next.length)
	inputs := []shapes.Shape{c.tokens(c.rows, c.length), places, places, c.tokens(c.rows, recentTokens)}
	if f.rows > 0 {
		inputs = append(inputs, c.tokens(f.rows, f.length))
	}
	return c.compile(key{c.capacity, f, next}, "cache", inputs, func(in []*Node) []*Node {
		out := c.tokens(next.rows, next.length)
		heads, width := out.Dim(1), out.Dim(3)
		var table []*Node
		for _, part := range append([]*Node{in[0]}, in[3:]...) {
			table = append(table, Reshape(part, part.Shape().Size()/width, width))
		}
		head := Iota(in[0].Graph(), shapes.Make(dtypes.Int32, next.rows, heads, next.length), 1)
		spread := func(x *Node) *Node { return BroadcastToDims(x, next.rows, heads, next.length) }
		row := Add(spread(in[1]), Mul(head, spread(in[2])))
		return []*Node{Reshape(Gather(Concatenate(table, 0), Reshape(row, row.Shape().Size(), 1)), out.Dimensions...)}
	})
}
