package biogpt

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// A layout is the rule by which sequences are put into batches.
type layout struct {
	tokens int // of a full batch, including padding
	step   int // lengths are rounded up to a multiple of it
}

// layoutOf returns the layout for a class of backend and a trunk. Matrix products on CPUs reach
// full speed at a few hundred rows and lose it when the rows no longer fit the cache, so a batch
// has the fewest tokens that keep the cost of a call small; few sequences in a batch also need
// little padding. Accelerators need many rows, and multiples of 32.
func layoutOf(class string, cfg Config) layout {
	switch {
	case class == device.CPU:
		return layout{tokens: 512, step: 1}
	case class == device.CUDA:
		return layout{tokens: 8192, step: 32}
	case cfg.Hidden >= 512:
		return layout{tokens: 512, step: 16}
	}
	return layout{tokens: 2048, step: 32}
}

// smaller returns a layout of half the tokens, or of none if the longest sequence does not fit
// then.
func (l layout) smaller(longest int) layout {
	if l.tokens /= 2; l.tokens < longest {
		l.tokens = 0
	}
	return l
}

// round returns the length that a sequence of n tokens is padded to, at most limit. Beyond 32 steps
// the steps are twice as wide.
func (l layout) round(n, limit int) int {
	step := l.step
	if n > 32*step {
		step *= 2
	}
	return min((n+step-1)/step*step, limit)
}

// Shape is the number of sequences and their padded length that a program is compiled for.
type Shape struct{ Size, Length int }

// batch is a set of sequences, by index, that run as one program call.
type batch struct {
	Shape
	rows []int
}

// Bucket rounds a length up to one of a few values, at most limit: for programs that take long to
// compile, such as those of training.
func Bucket(length, limit int) int {
	for _, b := range []int{32, 64, 96, 128, 192, 256, 384, 512, 768, 1024} {
		if length <= b {
			return min(b, limit)
		}
	}
	return min((length+511)/512*512, limit)
}

// plan groups sequences of the given lengths into batches: the longest first, each batch as many as
// its tokens allow, and the last ones in halves of that number. No row of a batch is empty.
// Sequences of no tokens are left out. The plan depends on the lengths alone.
func plan(lengths []int, limit int, how layout) []batch {
	order := make([]int, 0, len(lengths))
	for i, n := range lengths {
		if n > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lengths[b] - lengths[a] })
	var batches []batch
	for len(order) > 0 {
		length := how.round(lengths[order[0]], limit)
		size := max(1, how.tokens/length)
		for size > len(order) {
			size /= 2
		}
		batches = append(batches, batch{Shape{size, length}, order[:size]})
		order = order[size:]
	}
	return batches
}

// Packed is a batch in the memory of the host: size rows of length values each.
type Packed struct {
	IDs, Positions []int32
	Mask           []bool
	Shape
}

// Pack pads sequences on the right to length and to size rows. Positions are those of the
// reference: cumsum(mask)*mask - 1 + 2.
func Pack(sequences [][]int32, size, length int) Packed {
	p := Packed{make([]int32, size*length), make([]int32, size*length), make([]bool, size*length), Shape{size, length}}
	for i := range p.IDs {
		p.IDs[i], p.Positions[i] = PadID, positionOffset-1
	}
	for i, s := range sequences {
		for j, id := range s {
			at := i*length + j
			p.IDs[at], p.Positions[at], p.Mask[at] = id, int32(j+positionOffset), true
		}
	}
	return p
}

// BatchInputs is the number of program inputs of a Packed.
const BatchInputs = 3

// Upload copies a batch to the device, as the first inputs of a program.
func (p Packed) Upload(d *Backend) ([]device.Buffer, error) {
	ids, err := device.Upload(d, p.IDs, p.Size, p.Length)
	if err != nil {
		return nil, err
	}
	positions, err := device.Upload(d, p.Positions, p.Size, p.Length)
	if err != nil {
		device.Free(ids)
		return nil, err
	}
	mask, err := device.Upload(d, p.Mask, p.Size, p.Length)
	if err != nil {
		device.Free(ids, positions)
		return nil, err
	}
	return []device.Buffer{ids, positions, mask}, nil
}

// Inputs describes the program inputs of a Packed of the shape.
func (s Shape) Inputs() []shapes.Shape {
	ints := device.Shape[int32](s.Size, s.Length)
	return []shapes.Shape{ints, ints, device.Shape[bool](s.Size, s.Length)}
}

// BatchOf names the first inputs of a program, in the order in which a Packed is uploaded.
func BatchOf(in []*graph.Node) Batch { return Batch{IDs: in[0], Positions: in[1], Mask: in[2]} }

// ParamInputs describes parameters as inputs of a program.
func ParamInputs(specs []Spec) []shapes.Shape {
	var list []shapes.Shape
	for _, s := range specs {
		list = append(list, device.Shape[float32](s.Shape...))
	}
	return list
}

// NameNodes names inputs that are in the order of specs.
func NameNodes(specs []Spec, in []*graph.Node) Nodes {
	nodes := Nodes{}
	for i, s := range specs {
		nodes[s.Name] = in[i]
	}
	return nodes
}
