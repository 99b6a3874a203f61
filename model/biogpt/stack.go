package biogpt

import (
	"context"
	"fmt"
	"time"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// A stack computes the trunk for one shape. Layers differ only in their parameters, so one program
// serves all layers: it compiles in a fraction of a second whatever the number of layers, which
// allows many shapes and so little padding.
type stack struct {
	embed *device.Program // tables, ids, positions -> x
	layer *device.Program // x, mask, parameters of a layer -> x
	final *device.Program // x, parameters of the last norm -> states
}

// The numbers of parameters in the order of Config.Trunk.
const (
	tables     = 2
	perLayer   = 16
	finalNorms = 2
)

func (s *stack) close() {
	for _, p := range []*device.Program{s.embed, s.layer, s.final} {
		if p != nil {
			p.Close()
		}
	}
}

// stack returns the programs for a shape, compiled if they are not yet.
func (e *Engine) stack(s Shape) (*stack, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if made, ok := e.stacks[s]; ok {
		return made, nil
	}
	start := time.Now()
	made, err := e.compile(s)
	if err != nil && e.backend.Class() == device.CUDA && !e.composed {
		made.close()
		e.composed = true // this GPU or its cuDNN has no kernel for the shape
		made, err = e.compile(s)
	}
	e.stats.Compile += time.Since(start)
	if err != nil {
		made.close()
		return nil, err
	}
	e.stacks[s] = made
	e.stats.Programs++
	return made, nil
}

func (e *Engine) compile(s Shape) (made *stack, err error) {
	made = &stack{}
	x, inputs := device.Shape[float32](s.Size*s.Length, e.cfg.Hidden), s.Inputs()
	ids, positions, mask := inputs[0], inputs[1], inputs[2]
	program := func(
		part string, specs []Spec, inputs []shapes.Shape, build func(p Nodes, in []*graph.Node) *graph.Node,
	) *device.Program {
		if err != nil {
			return nil
		}
		n := len(inputs)
		var p *device.Program
		p, err = e.backend.Compile(
			fmt.Sprintf("%s %dx%d", part, s.Size, s.Length),
			append(inputs, e.precision.inputs(specs)...),
			func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{build(NameNodes(specs, in[n:]), in[:n])}
			},
		)
		return p
	}
	made.embed = program(
		"embedding",
		e.specs[:tables],
		[]shapes.Shape{ids, positions},
		func(p Nodes, in []*graph.Node) *graph.Node {
			return embed(e.cfg, p, in[0], in[1])
		},
	)
	made.layer = program(
		"layer",
		e.specs[tables:tables+perLayer],
		[]shapes.Shape{x, mask},
		func(p Nodes, in []*graph.Node) *graph.Node {
			return block(p, 0, in[0], keep, func(i int, h *graph.Node) *graph.Node {
				return attend(e.cfg, p, layer(i, "self_attn."), h, in[1], !e.composed)
			})
		},
	)
	made.final = program(
		"norm",
		e.specs[len(e.specs)-finalNorms:],
		[]shapes.Shape{x},
		func(p Nodes, in []*graph.Node) *graph.Node {
			return norm(p, finalNorm, in[0])
		},
	)
	return made, err
}

// run computes the last hidden states of a batch, [B*L, hidden]. It checks the context between
// layers.
func (s *stack) run(ctx context.Context, l lane, ids, positions, mask device.Buffer) (device.Buffer, error) {
	step := func(
		p *device.Program, donated int, weights []device.Buffer, inputs ...device.Buffer,
	) (device.Buffer, error) {
		err := ctx.Err()
		var out []device.Buffer
		if err == nil {
			out, err = p.RunOn(l.device, append(inputs, weights...), donated)
		}
		if err != nil {
			device.Free(inputs[:donated]...)
			return device.Buffer{}, err
		}
		return out[0], nil
	}
	x, err := step(s.embed, 0, l.weights[:tables], ids, positions)
	last := len(l.weights) - finalNorms
	for at := tables; err == nil && at < last; at += perLayer {
		x, err = step(s.layer, 1, l.weights[at:at+perLayer], x, mask)
	}
	if err != nil {
		return device.Buffer{}, err
	}
	return step(s.final, 1, l.weights[last:], x)
}
