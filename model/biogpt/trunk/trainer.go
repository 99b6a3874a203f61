// Package trunk trains a BioGPT trunk, under heads of the caller or as a language model.
//
// A training step under the caller's heads is two calls. Forward returns the states of a few
// sequences; the caller computes a loss from them in plain Go and passes its gradient with respect
// to the states to Backward. Backward runs the trunk again on the device, differentiates sum(states
// * gradient), with the gradient as a constant, which gives the gradient of the caller's loss with
// respect to every parameter, and takes one step of the optimiser. StepLM is a step with the
// language model's tied head, on one batch or on several, whose gradients are summed before the
// step, as for one batch that is too large for the device.
//
// The optimiser is AdamW (Loshchilov and Hutter 2019) with the values of reference training.md,
// "Optimiser", as defaults: betas 0.9 and 0.98, weight decay 0.05 on the products but not on
// tables, norms and biases, gradients clipped to a global norm of 1, the token table at three times
// the learning rate. The learning rate is given with each step.
//
// Dropout depends on the seed and the number of steps taken, so that Forward and the Backward that
// follows it drop the same values, and a run can be repeated. It is applied to the embedded tokens
// and to the output of each half of a layer.
//
// There are few shapes, because each is compiled: a batch has Options.Tokens tokens, including
// padding, in rows of the length of a bucket.
//
// With bfloat16, only the operands of products are rounded: parameters, moments, gradients, sums,
// norms, softmax and the loss are float32, so that small steps are not lost. The loss needs no
// scaling, because bfloat16 has the range of float32.
//
// SaveState writes everything that the next step depends on. A Trainer that reads it with
// RestoreState continues with the same bytes on the same backend and machine. The file is
// safetensors: parameters under their names, moments with the prefixes "moment1." and "moment2.",
// and the number of steps in the metadata.
package trunk

import (
	"cmp"
	"fmt"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Options of a Trainer. The zero value of a field other than Dropout and Seed stands for its
// default.
type Options struct {
	Tokens      int     // of a batch, including padding; 1024
	Dropout     float64 // fraction of values dropped in training; 0
	Seed        uint64  // of dropout
	Beta1       float64 // 0.9
	Beta2       float64 // 0.98
	Epsilon     float64 // 1e-8
	WeightDecay float64 // 0.05; negative for none
	ClipNorm    float64 // 1; negative for no clipping
	TokenLR     float64 // factor of the token table's learning rate; 3

	Precision biogpt.Precision // of the operands of products; Float32
}

func (o Options) withDefaults() Options {
	or := func(value *float64, fallback float64) {
		if *value == 0 {
			*value = fallback
		}
	}
	if o.Tokens == 0 {
		o.Tokens = 1024
	}
	or(&o.Beta1, 0.9)
	or(&o.Beta2, 0.98)
	or(&o.Epsilon, 1e-8)
	or(&o.WeightDecay, 0.05)
	or(&o.ClipNorm, 1)
	or(&o.TokenLR, 3)
	o.Precision = cmp.Or(o.Precision, biogpt.Float32)
	return o
}

// A Trainer holds parameters and the optimiser's moments on a device. It is used from one
// goroutine. After a step that returned an error the parameters are lost.
type Trainer struct {
	backend *biogpt.Backend
	cfg     biogpt.Config
	opts    Options
	specs   []biogpt.Spec
	// state is the parameters and, from the first step on, their first moments, then their second
	// moments, each in the order of specs.
	state    []device.Buffer
	sums     []device.Buffer // sums of gradients, zero between steps; made when first needed
	step     int             // taken so far
	programs map[key]*device.Program
}

// NewTrainer copies the parameters to the device. Moments are zero.
func NewTrainer(backend *biogpt.Backend, cfg biogpt.Config, params biogpt.Tensors, opts Options) (*Trainer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	t := &Trainer{
		backend: backend, cfg: cfg, opts: opts.withDefaults(), specs: cfg.Trunk(),
		programs: map[key]*device.Program{},
	}
	if err := t.SetParams(params); err != nil {
		return nil, err
	}
	return t, nil
}

// SetParams replaces the parameters; moments and the number of steps stay as they are.
func (t *Trainer) SetParams(from biogpt.Tensors) error {
	uploaded, err := t.upload(from, "")
	if err != nil {
		return fmt.Errorf("trainer: %w", err)
	}
	n := min(len(t.specs), len(t.state))
	device.Free(t.state[:n]...)
	t.state = append(uploaded, t.state[n:]...)
	return nil
}

// upload copies tensors to the device; their names are those of the parameters after a prefix.
func (t *Trainer) upload(from biogpt.Tensors, prefix string) ([]device.Buffer, error) {
	var (
		values  []float32
		buffers []device.Buffer
		err     error
	)
	for _, s := range t.specs {
		if values, err = from.AppendFloat32s(values[:0], prefix+s.Name, s.Shape); err != nil {
			break
		}
		var b device.Buffer
		if b, err = device.Upload(t.backend, values, s.Shape...); err != nil {
			err = fmt.Errorf("parameter %q: %w", prefix+s.Name, err)
			break
		}
		buffers = append(buffers, b)
	}
	if err != nil {
		device.Free(buffers...)
		return nil, err
	}
	return buffers, nil
}

// zeros appends buffers of zeros, one of each parameter's shape.
func (t *Trainer) zeros(to []device.Buffer) ([]device.Buffer, error) {
	for _, s := range t.specs {
		b, err := device.Upload(t.backend, make([]float32, s.Size()), s.Shape...)
		if err != nil {
			return to, fmt.Errorf("parameter %q: %w", s.Name, err)
		}
		to = append(to, b)
	}
	return to, nil
}

// ready makes the moments the first time: a Trainer that takes no step needs none.
func (t *Trainer) ready() (err error) {
	for err == nil && len(t.state) < 3*len(t.specs) {
		t.state, err = t.zeros(t.state)
	}
	return err
}

// Rows returns the number of sequences that fit in a batch whose longest has the given number of
// tokens.
func (t *Trainer) Rows(longest int) int {
	return max(1, t.opts.Tokens/t.Bucket(longest))
}

// Bucket returns the length that a sequence of n tokens is padded to.
func (t *Trainer) Bucket(tokens int) int { return biogpt.Bucket(tokens, t.cfg.MaxPositions) }

// Config describes the trunk.
func (t *Trainer) Config() biogpt.Config { return t.cfg }

// Options returns the options, with their defaults.
func (t *Trainer) Options() Options { return t.opts }

// Dim is the width of a state.
func (t *Trainer) Dim() int { return t.cfg.Hidden }

// Steps returns the number of steps taken.
func (t *Trainer) Steps() int { return t.step }

// Forward returns the states of at most Rows sequences, len(sequence) rows of Dim values each, with
// the dropout of the next step.
func (t *Trainer) Forward(sequences [][]int32) ([][]float32, error) {
	states, err := t.forward(sequences)
	if err != nil {
		return nil, fmt.Errorf("trainer: forward: %w", err)
	}
	return states, nil
}

func (t *Trainer) forward(sequences [][]int32) ([][]float32, error) {
	packed, err := t.pack(sequences)
	if err != nil {
		return nil, err
	}
	program, err := t.program(key{kind: forward, Shape: packed.Shape})
	if err != nil {
		return nil, err
	}
	inputs, err := t.inputs(packed, 0, 0)
	if err != nil {
		return nil, err
	}
	defer device.Free(inputs...)
	out, err := program.Run(append(t.state[:len(t.specs):len(t.specs)], inputs...), 0)
	if err != nil {
		return nil, err
	}
	defer device.Free(out...)
	all, err := out[0].Float32s(packed.Size * packed.Length * t.cfg.Hidden)
	if err != nil {
		return nil, err
	}
	states := make([][]float32, len(sequences))
	for i, s := range sequences {
		start := i * packed.Length * t.cfg.Hidden
		states[i] = all[start : start+len(s)*t.cfg.Hidden : start+len(s)*t.cfg.Hidden]
	}
	return states, nil
}

// Backward takes one step along the gradient of a loss, given its gradient with respect to the
// states that Forward returned for the same sequences. It returns the global norm of the
// parameters' gradient before clipping.
func (t *Trainer) Backward(sequences [][]int32, dStates [][]float32, learningRate float64) (norm float64, err error) {
	norm, err = t.backward(sequences, dStates, learningRate)
	if err != nil {
		return 0, fmt.Errorf("trainer: step %d: %w", t.step, err)
	}
	return norm, nil
}

func (t *Trainer) backward(sequences [][]int32, dStates [][]float32, learningRate float64) (float64, error) {
	packed, err := t.pack(sequences)
	if err != nil {
		return 0, err
	}
	if len(dStates) != len(sequences) {
		return 0, fmt.Errorf("%d gradients for %d sequences", len(dStates), len(sequences))
	}
	gradient := make([]float32, packed.Size*packed.Length*t.cfg.Hidden)
	for i, d := range dStates {
		if len(d) != len(sequences[i])*t.cfg.Hidden {
			return 0, fmt.Errorf("gradient %d has %d values for %d tokens", i, len(d), len(sequences[i]))
		}
		copy(gradient[i*packed.Length*t.cfg.Hidden:], d)
	}
	d, err := device.Upload(t.backend, gradient, packed.Size*packed.Length, t.cfg.Hidden)
	if err != nil {
		return 0, err
	}
	defer device.Free(d)
	_, norm, err := t.takeStep(key{kind: backward, Shape: packed.Shape}, packed, learningRate, d)
	return norm, err
}

// pack checks sequences and pads them to the shape of their bucket.
func (t *Trainer) pack(sequences [][]int32) (biogpt.Packed, error) {
	longest := 1
	for i, s := range sequences {
		if err := t.cfg.CheckSequence(s); err != nil {
			return biogpt.Packed{}, fmt.Errorf("sequence %d: %w", i, err)
		}
		longest = max(longest, len(s))
	}
	rows := t.Rows(longest)
	if len(sequences) > rows {
		return biogpt.Packed{}, fmt.Errorf(
			"%d sequences of up to %d tokens: a batch holds %d", len(sequences), longest, rows,
		)
	}
	return biogpt.Pack(sequences, rows, t.Bucket(longest)), nil
}

// Params reads the parameters from the device.
func (t *Trainer) Params() (biogpt.Params, error) {
	params := biogpt.Params{}
	for i, s := range t.specs {
		values, err := t.state[i].Float32s(s.Size())
		if err != nil {
			return nil, fmt.Errorf("trainer: parameter %q: %w", s.Name, err)
		}
		params[s.Name] = values
	}
	return params, nil
}

// Close frees the parameters, moments and programs, but not the backend.
func (t *Trainer) Close() {
	device.Free(t.state...)
	device.Free(t.sums...)
	for _, p := range t.programs {
		p.Close()
	}
	t.state, t.sums, t.programs = nil, nil, nil
}
