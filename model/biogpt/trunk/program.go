package trunk

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// kind is the computation of a program.
type kind int

const (
	forward       kind = iota // states
	backward                  // a step with a given gradient of the states
	languageModel             // a step on the language model's loss
	measure                   // the language model's loss
	gradient                  // the gradient of that loss, added to sums
	apply                     // a step along the sums
)

// key identifies a compiled program; targets is the number of rows of the language model's head.
type key struct {
	kind
	biogpt.Shape
	targets int
}

// program returns the program for a key, and compiles it the first time.
func (t *Trainer) program(k key) (*device.Program, error) {
	if p, ok := t.programs[k]; ok {
		return p, nil
	}
	name := fmt.Sprintf("training %d %dx%d", k.kind, k.Size, k.Length)
	p, err := t.backend.Compile(name, t.shapes(k), func(in []*graph.Node) []*graph.Node { return t.build(k, in) })
	if err == nil {
		t.programs[k] = p
	}
	return p, err
}

// shapes describes the inputs of a program.
func (t *Trainer) shapes(k key) []shapes.Shape {
	params := biogpt.ParamInputs(t.specs)
	list := slices.Repeat(params, k.held())
	list = append(list, device.Shape[float32](3))
	if k.kind == apply {
		return list
	}
	list = append(append(list, device.Shape[uint32]()), k.Inputs()...)
	switch k.kind {
	case backward:
		return append(list, device.Shape[float32](k.Size*k.Length, t.cfg.Hidden))
	case languageModel, measure, gradient:
		ints := device.Shape[int32](k.targets)
		return append(list, ints, ints, device.Shape[float32](k.targets))
	}
	return list
}

// held is the number of inputs of the parameters' shapes, in sets of all parameters, before the
// other inputs of a program.
func (k key) held() int {
	switch k.kind {
	case backward, languageModel:
		return 3 // parameters and moments
	case apply:
		return 4 // and sums
	case gradient:
		return 2 // sums and parameters
	}
	return 1
}

// build builds the graph of a program.
func (t *Trainer) build(k key, in []*graph.Node) []*graph.Node {
	n := len(t.specs)
	held, rest := in[:k.held()*n], in[k.held()*n:]
	if k.kind == apply {
		sums := held[3*n:]
		state, norm := t.update(held[:3*n], rest[rateInput], sums)
		for _, s := range sums {
			state = append(state, graph.ZerosLike(s))
		}
		return append(state, graph.Reshape(norm, 1))
	}
	params := held[:n]
	if k.kind == gradient {
		params = held[n:]
	}
	dropped := t.opts.Dropout
	if k.kind == measure {
		dropped = 0
	}
	nodes := t.rounded(biogpt.NameNodes(t.specs, params))
	last, _ := biogpt.States(
		t.cfg, nodes, biogpt.BatchOf(rest[batchInput:]), biogpt.Options{Drop: dropout(dropped, rest[seedInput])},
	)
	var loss *graph.Node
	switch extra := rest[commonInputs:]; k.kind {
	case forward:
		return []*graph.Node{last}
	case backward:
		loss = graph.ReduceAllSum(graph.Mul(last, extra[0]))
	default:
		loss = languageModelLoss(t.product(nodes[biogpt.TokenTable]), last, extra[0], extra[1], extra[2])
	}
	if k.kind == measure {
		return []*graph.Node{graph.Reshape(loss, 1)}
	}
	gradients := graph.Gradient(loss, params...)
	if k.kind == gradient {
		for i, g := range gradients {
			gradients[i] = graph.Add(held[i], g)
		}
		return append(gradients, graph.Reshape(loss, 1))
	}
	state, norm := t.update(held, rest[rateInput], gradients)
	return append(state, graph.Concatenate([]*graph.Node{graph.Reshape(loss, 1), graph.Reshape(norm, 1)}, 0))
}
