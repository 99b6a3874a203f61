package trunk

import (
	"math"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// The numbers of inputs of every program after the state: the scalars of the step, the seed of its
// dropout, and the batch.
const (
	rateInput    = iota // float32 [3]: learning rate, 1/(1-beta1^t), 1/(1-beta2^t)
	seedInput           // uint32
	batchInput          // biogpt.BatchInputs of them
	commonInputs = batchInput + biogpt.BatchInputs
)

// rates copies the scalars of the next step.
func (t *Trainer) rates(learningRate float64) (device.Buffer, error) {
	n := float64(t.step + 1)
	rates := []float32{
		float32(learningRate),
		float32(1 / (1 - math.Pow(t.opts.Beta1, n))),
		float32(1 / (1 - math.Pow(t.opts.Beta2, n))),
	}
	return device.Upload(t.backend, rates, len(rates))
}

// inputs copies the inputs that every program takes, for a batch of the next step.
func (t *Trainer) inputs(packed biogpt.Packed, batch int, learningRate float64) ([]device.Buffer, error) {
	rate, err := t.rates(learningRate)
	if err != nil {
		return nil, err
	}
	seed, err := device.Upload(t.backend, []uint32{stepSeed(t.opts.Seed, t.step, batch)})
	if err != nil {
		device.Free(rate)
		return nil, err
	}
	rest, err := packed.Upload(t.backend)
	if err != nil {
		device.Free(rate, seed)
		return nil, err
	}
	return append([]device.Buffer{rate, seed}, rest...), nil
}

// run runs the program for a key. The first donated inputs are consumed.
func (t *Trainer) run(k key, donated int, inputs ...[]device.Buffer) ([]device.Buffer, error) {
	program, err := t.program(k)
	if err != nil {
		return nil, err
	}
	return program.Run(slices.Concat(inputs...), donated)
}

// takeStep runs a program that updates the state. All such programs return a loss and the
// gradient's norm.
func (t *Trainer) takeStep(
	k key, packed biogpt.Packed, learningRate float64, extra ...device.Buffer,
) (loss, norm float64, err error) {
	if err := t.ready(); err != nil {
		return 0, 0, err
	}
	inputs, err := t.inputs(packed, 0, learningRate)
	if err != nil {
		return 0, 0, err
	}
	defer device.Free(inputs...)
	out, err := t.run(k, len(t.state), t.state, inputs, extra)
	if err != nil {
		return 0, 0, err
	}
	figures, err := out[len(t.state)].Float32s(2)
	device.Free(out[len(t.state)])
	t.state = out[:len(t.state):len(t.state)]
	t.step++
	if err != nil {
		return 0, 0, err
	}
	loss, norm = float64(figures[0]), float64(figures[1])
	return loss, norm, finite(norm)
}
