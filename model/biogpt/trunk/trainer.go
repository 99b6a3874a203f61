// Package trunk trains a BioGPT trunk under heads that live elsewhere.
//
// A training step is two calls. Forward gives the states of a few sequences; the caller computes its loss from them in plain Go and
// hands the loss's gradient with respect to the states to Backward. Backward runs the trunk again on the device, differentiates
// sum(states * gradient), in which the gradient is a constant, and so gets the gradient of the caller's loss with respect to
// every parameter; then it takes one step of the optimiser. StepLM is a step of its own, with the language model's tied head.
//
// The optimiser is AdamW (Loshchilov and Hutter 2019) with the figures of reference training.md, "Optimiser", as defaults: betas 0.9
// and 0.98, weight decay 0.05 on the products but not on tables, norms and biases, gradients clipped to a global norm of 1, the token
// table at three times the learning rate. The learning rate is given with each step.
//
// Dropout is a function of the seed and the number of steps taken, so that Forward and the Backward that follows it drop the
// same values, and a run can be repeated. It is applied to the embedded tokens and to what each half of a layer adds.
//
// Shapes are few, as each is compiled: a step holds Options.Tokens tokens, padding counted, in rows of one bucket's length.
package trunk

import (
	"fmt"
	"io"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights"
)

// Options of a Trainer. The zero value of a field other than Dropout and Seed stands for its default.
type Options struct {
	Tokens      int     // of a step, padding counted; 1024
	Dropout     float64 // share of values dropped in training; 0
	Seed        uint64  // of dropout
	Beta1       float64 // 0.9
	Beta2       float64 // 0.98
	Epsilon     float64 // 1e-8
	WeightDecay float64 // 0.05; negative for none
	ClipNorm    float64 // 1; negative for no clipping
	TokenLR     float64 // factor of the token table's learning rate; 3
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
	return o
}

// A Trainer holds parameters and the optimiser's moments on a device. It is used from one goroutine. After a step that returned an
// error the parameters are lost.
type Trainer struct {
	backend *biogpt.Backend
	cfg     biogpt.Config
	opts    Options
	specs   []biogpt.Spec
	// state is the parameters, then their first moments, then their second moments, each in the order of specs.
	state    []device.Buffer
	step     int // taken so far
	programs map[key]*device.Program
}

// kind says what a program computes.
type kind int

const (
	forward kind = iota
	backward
	languageModel
)

// key says what a program was compiled for; targets is used by languageModel alone.
type key struct {
	kind
	biogpt.Shape
	targets int
}

// NewTrainer copies the parameters to the device and sets the moments to zero.
func NewTrainer(backend *biogpt.Backend, cfg biogpt.Config, params biogpt.Params, opts Options) (*Trainer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	t := &Trainer{backend: backend, cfg: cfg, opts: opts.withDefaults(), specs: cfg.Trunk(), programs: map[key]*device.Program{}}
	if err := params.Check(t.specs); err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	for part := range 3 {
		for _, s := range t.specs {
			values := params[s.Name]
			if part > 0 {
				values = make([]float32, s.Size())
			}
			b, err := device.Upload(backend, values, s.Shape...)
			if err != nil {
				return nil, fmt.Errorf("trainer: parameter %q: %w", s.Name, err)
			}
			t.state = append(t.state, b)
		}
	}
	return t, nil
}

// Rows returns the number of sequences that fit in a step whose longest has the given number of tokens.
func (t *Trainer) Rows(longest int) int {
	return max(1, t.opts.Tokens/biogpt.Bucket(longest, t.cfg.MaxPositions))
}

// Dim is the width of a state.
func (t *Trainer) Dim() int { return t.cfg.Hidden }

// Steps returns the number of steps taken.
func (t *Trainer) Steps() int { return t.step }

// Forward returns the states of at most Rows sequences, len(sequence) rows of Dim values each, with the dropout of the next step.
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
	fresh, err := t.inputs(packed, 0)
	if err != nil {
		return nil, err
	}
	defer device.Free(fresh...)
	out, err := program.Run(append(t.state[:len(t.specs):len(t.specs)], fresh...), 0)
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

// Backward takes one step down the gradient of a loss, given its gradient with respect to the states that Forward returned for the
// same sequences. It returns the global norm of the parameters' gradient before clipping.
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
		return biogpt.Packed{}, fmt.Errorf("%d sequences of up to %d tokens: a step holds %d", len(sequences), longest, rows)
	}
	return biogpt.Pack(sequences, rows, biogpt.Bucket(longest, t.cfg.MaxPositions)), nil
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

// Save writes the parameters as safetensors under their Hugging Face names.
func (t *Trainer) Save(w io.Writer) error {
	params, err := t.Params()
	if err != nil {
		return err
	}
	return weights.Write(w, params.Tensors(t.specs), map[string]string{"format": "pt"})
}

// Close frees the parameters, moments and programs, but not the backend.
func (t *Trainer) Close() {
	device.Free(t.state...)
	for _, p := range t.programs {
		p.Close()
	}
	t.state, t.programs = nil, nil
}
