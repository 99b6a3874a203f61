package trunk

import (
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// accumulate adds the gradient of batch i of a step to the sums, and returns the batch's share of
// the loss.
func (t *Trainer) accumulate(i int, b targets, total int) (float64, error) {
	if len(t.sums) == 0 {
		sums, err := t.zeros(nil)
		if err != nil {
			device.Free(sums...)
			return 0, err
		}
		t.sums = sums
	}
	extra, err := b.upload(t.backend, total)
	if err != nil {
		return 0, err
	}
	defer device.Free(extra...)
	inputs, err := t.inputs(b.Packed, i, 0)
	if err != nil {
		return 0, err
	}
	defer device.Free(inputs...)
	n := len(t.specs)
	out, err := t.run(key{gradient, b.Shape, b.size()}, n, t.sums, t.state[:n:n], inputs, extra)
	if err != nil {
		return 0, err
	}
	defer device.Free(out[n])
	t.sums = out[:n]
	loss, err := out[n].Float32s(1)
	if err != nil {
		return 0, err
	}
	return float64(loss[0]), nil
}

// apply takes a step along the summed gradients and resets the sums.
func (t *Trainer) apply(learningRate float64) error {
	if err := t.ready(); err != nil {
		return err
	}
	rates, err := t.rates(learningRate)
	if err != nil {
		return err
	}
	defer device.Free(rates)
	n := len(t.specs)
	out, err := t.run(key{kind: apply}, 4*n, t.state, t.sums, []device.Buffer{rates})
	if err != nil {
		return err
	}
	defer device.Free(out[4*n])
	t.state, t.sums = out[:3*n:3*n], out[3*n:4*n]
	t.step++
	norm, err := out[4*n].Float32s(1)
	if err != nil {
		return err
	}
	return finite(float64(norm[0]))
}

// finite returns an error for a gradient that is not finite, which would make every parameter
// useless.
func finite(norm float64) error {
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return fmt.Errorf("the gradient is not finite: lower the learning rate")
	}
	return nil
}
