package trunk

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Inputs of every program after the state: the scalars of the step, the seed of its dropout, and the batch.
const (
	rateInput    = iota // float32 [3]: learning rate, 1/(1-beta1^t), 1/(1-beta2^t)
	seedInput           // uint32
	batchInput          // biogpt.BatchInputs of them
	commonInputs = batchInput + biogpt.BatchInputs
)

// inputs copies the inputs that every program takes.
func (t *Trainer) inputs(packed biogpt.Packed, learningRate float64) ([]device.Buffer, error) {
	n := float64(t.step + 1)
	rates := []float32{
		float32(learningRate),
		float32(1 / (1 - math.Pow(t.opts.Beta1, n))),
		float32(1 / (1 - math.Pow(t.opts.Beta2, n))),
	}
	rate, err := device.Upload(t.backend, rates, len(rates))
	if err != nil {
		return nil, err
	}
	seed, err := device.Upload(t.backend, []uint32{stepSeed(t.opts.Seed, t.step)})
	if err != nil {
		device.Free(rate)
		return nil, err
	}
	batch, err := packed.Upload(t.backend)
	if err != nil {
		device.Free(rate, seed)
		return nil, err
	}
	return append([]device.Buffer{rate, seed}, batch...), nil
}

// takeStep runs a program that updates the state. It frees the extra inputs. All steps return a loss and the gradient's norm.
func (t *Trainer) takeStep(k key, packed biogpt.Packed, learningRate float64, extra ...device.Buffer) (loss, norm float64, err error) {
	defer device.Free(extra...)
	program, err := t.program(k)
	if err != nil {
		return 0, 0, err
	}
	fresh, err := t.inputs(packed, learningRate)
	if err != nil {
		return 0, 0, err
	}
	defer device.Free(fresh...)
	in := append(append(append([]device.Buffer{}, t.state...), fresh...), extra...)
	out, err := program.Run(in, len(t.state))
	if err != nil {
		return 0, 0, err
	}
	figures, err := out[len(t.state)].Float32s(2)
	device.Free(out[len(t.state)])
	t.state = out[:len(t.state)]
	t.step++
	if err != nil {
		return 0, 0, err
	}
	loss, norm = float64(figures[0]), float64(figures[1])
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return loss, norm, fmt.Errorf("the gradient is not finite: lower the learning rate")
	}
	return loss, norm, nil
}

// program returns the program for a key, compiled if it is not yet.
func (t *Trainer) program(k key) (*device.Program, error) {
	if p, ok := t.programs[k]; ok {
		return p, nil
	}
	n := len(t.specs)
	params := biogpt.ParamInputs(t.specs)
	inputs := params
	if k.kind != forward {
		inputs = append(append(append([]shapes.Shape{}, params...), params...), params...)
	}
	state := len(inputs)
	inputs = append(inputs, device.Shape[float32](3), device.Shape[uint32]())
	inputs = append(inputs, k.Inputs()...)
	switch k.kind {
	case backward:
		inputs = append(inputs, device.Shape[float32](k.Size*k.Length, t.cfg.Hidden))
	case languageModel:
		ints := device.Shape[int32](k.targets)
		inputs = append(inputs, ints, ints, device.Shape[float32](k.targets))
	}
	name := fmt.Sprintf("training %d %dx%d", k.kind, k.Size, k.Length)
	p, err := t.backend.Compile(name, inputs, func(in []*graph.Node) []*graph.Node {
		nodes, rest := biogpt.NameNodes(t.specs, in[:n]), in[state:]
		last, _ := biogpt.States(t.cfg, nodes, biogpt.BatchOf(rest[batchInput:]), biogpt.Options{
			Drop: dropout(t.opts.Dropout, rest[seedInput]),
		})
		switch k.kind {
		case backward:
			loss := graph.ReduceAllSum(graph.Mul(last, rest[commonInputs]))
			return t.update(in[:state], rest[rateInput], loss)
		case languageModel:
			loss := languageModelLoss(nodes, last, rest[commonInputs], rest[commonInputs+1], rest[commonInputs+2])
			return t.update(in[:state], rest[rateInput], loss)
		}
		return []*graph.Node{last}
	})
	if err == nil {
		t.programs[k] = p
	}
	return p, err
}
