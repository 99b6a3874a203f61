package device

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// A Program is a graph compiled for fixed shapes.
type Program struct {
	graph  *graph.Graph
	name   string
	device *Device
}

// Compile builds a graph and compiles it. build gets one parameter per input, in order, and returns
// the outputs.
func (d *Device) Compile(
	name string, inputs []shapes.Shape, build func(in []*graph.Node) []*graph.Node,
) (*Program, error) {
	p := &Program{name: name, device: d}
	err := catch("compiling "+name, func() error {
		p.graph = graph.NewGraph(d.backend, name)
		nodes := make([]*graph.Node, len(inputs))
		for i, s := range inputs {
			nodes[i] = graph.Parameter(p.graph, fmt.Sprintf("input%d", i), s)
		}
		return p.graph.Compile(build(nodes)...)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Run executes the program on the device. The first donated inputs are consumed: their memory may
// be reused for outputs, and they must not be used again, whether or not Run succeeds.
func (p *Program) Run(inputs []Buffer, donated int) ([]Buffer, error) {
	return p.RunOn(p.device, inputs, donated)
}

// RunOn is Run on a peer of the device that the program was compiled with. The inputs are buffers
// of the peer.
func (p *Program) RunOn(d *Device, inputs []Buffer, donated int) ([]Buffer, error) {
	in := make([]compute.Buffer, len(inputs))
	donate := make([]bool, len(inputs))
	for i, b := range inputs {
		in[i], donate[i] = b.b, i < donated
	}
	var out []Buffer
	err := catch("running "+p.name, func() error {
		results, err := p.graph.Executable().Execute(in, donate, d.num)
		for _, r := range results {
			out = append(out, Buffer{r})
		}
		return err
	})
	return out, err
}

// Close frees the program.
func (p *Program) Close() {
	// A program that cannot be freed now is freed with the backend.
	_ = catch("freeing "+p.name, func() error {
		p.graph.Finalize()
		return nil
	})
}

// Shape describes an input of elements of type T.
func Shape[T Element](dims ...int) shapes.Shape {
	return shapes.Make(dtypeOf[T](), dims...)
}

func dtypeOf[T Element]() dtypes.DType {
	var zero T
	switch any(zero).(type) {
	case float32:
		return dtypes.Float32
	case int32:
		return dtypes.Int32
	case uint32:
		return dtypes.Uint32
	case bfloat16.BFloat16:
		return dtypes.BFloat16
	}
	return dtypes.Bool
}
