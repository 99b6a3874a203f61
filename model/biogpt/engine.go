package biogpt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// An Engine holds a trunk on a device and encodes token sequences. It is used from one goroutine at a time.
type Engine struct {
	cfg      Config
	backend  *Backend
	specs    []Spec
	weights  []device.Buffer
	programs map[Shape]*device.Program
	stats    Stats
}

// NewEngine copies the parameters to the device. Programs are compiled when a shape first comes up.
func NewEngine(backend *Backend, cfg Config, params Tensors) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	e := &Engine{cfg: cfg, backend: backend, specs: cfg.Trunk(), programs: map[Shape]*device.Program{}}
	if err := e.SetParams(params); err != nil {
		return nil, err
	}
	return e, nil
}

// SetParams replaces the parameters and keeps the compiled programs: what training needs to look at its model now and then. Only one
// parameter at a time is held outside the device. After an error the engine has no parameters.
func (e *Engine) SetParams(params Tensors) error {
	device.Free(e.weights...)
	e.weights = nil
	var values []float32
	for _, s := range e.specs {
		var err error
		if values, err = params.AppendFloat32s(values[:0], s.Name, s.Shape); err != nil {
			return fmt.Errorf("model: %w", err)
		}
		b, err := device.Upload(e.backend, values, s.Shape...)
		if err != nil {
			return fmt.Errorf("model: parameter %q: %w", s.Name, err)
		}
		e.weights = append(e.weights, b)
	}
	return nil
}

// Dim is the width of a hidden state.
func (e *Engine) Dim() int { return e.cfg.Hidden }

// MaxLen is the length of the longest sequence that Encode takes.
func (e *Engine) MaxLen() int { return e.cfg.MaxPositions }

// BackendClass names what computes the states: "go", "xla:cpu" or "xla:cuda".
func (e *Engine) BackendClass() string { return e.backend.Class() }

// Stats returns what the engine has computed so far.
func (e *Engine) Stats() Stats { return e.stats }

// Close frees the parameters and programs, but not the backend.
func (e *Engine) Close() error {
	device.Free(e.weights...)
	for _, p := range e.programs {
		p.Close()
	}
	e.weights, e.programs = nil, nil
	return nil
}

// Encode returns the last hidden states of each sequence, after the final layer norm: len(sequence) rows of Dim values. Batches
// are a function of the lengths alone, so equal calls give equal results; what else is in a call changes a sequence's states by
// less than 1e-5.
func (e *Engine) Encode(ctx context.Context, sequences [][]int32) ([][]float32, error) {
	lengths := make([]int, len(sequences))
	for i, s := range sequences {
		if err := e.cfg.CheckSequence(s); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
		lengths[i] = len(s)
	}
	states := make([][]float32, len(sequences))
	for _, b := range plan(lengths, e.cfg.MaxPositions) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := e.encode(b, sequences, states); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// encode runs one batch and puts the states of its sequences in their places.
func (e *Engine) encode(b batch, sequences [][]int32, states [][]float32) error {
	program, err := e.program(b.Shape)
	if err != nil {
		return err
	}
	start := time.Now()
	defer func() { e.stats.Busy += time.Since(start) }()
	rows := make([][]int32, len(b.rows))
	for i, row := range b.rows {
		rows[i] = sequences[row]
	}
	input, err := Pack(rows, b.Size, b.Length).Upload(e.backend)
	if err != nil {
		return err
	}
	defer device.Free(input...)
	out, err := program.Run(append(input, e.weights...), 0)
	if err != nil {
		return err
	}
	defer device.Free(out...)
	all, err := out[0].Float32s(b.Size * b.Length * e.cfg.Hidden)
	if err != nil {
		return err
	}
	for i, row := range b.rows {
		first, n := i*b.Length*e.cfg.Hidden, len(sequences[row])
		states[row] = slices.Clone(all[first : first+n*e.cfg.Hidden])
		e.stats.Sequences++
		e.stats.Tokens += int64(n)
		e.stats.FLOPs += e.cfg.FLOPs(n)
	}
	e.stats.Padded += int64(b.Size * b.Length)
	return nil
}

// program returns the program for a shape, compiled if it is not yet.
func (e *Engine) program(s Shape) (*device.Program, error) {
	if p, ok := e.programs[s]; ok {
		return p, nil
	}
	start := time.Now()
	defer func() { e.stats.Compile += time.Since(start) }()
	inputs := append(s.Inputs(), ParamInputs(e.specs)...)
	p, err := e.backend.Compile(fmt.Sprintf("trunk %dx%d", s.Size, s.Length), inputs, func(in []*graph.Node) []*graph.Node {
		last, _ := States(e.cfg, NameNodes(e.specs, in[BatchInputs:]), BatchOf(in), Options{})
		return []*graph.Node{last}
	})
	if err == nil {
		e.programs[s] = p
		e.stats.Programs++
	}
	return p, err
}

// CheckSequence reports why a trunk of this config cannot take a sequence, if it cannot. XLA reads the nearest row of a table where an id is beyond it, so ids are
// checked here.
func (c Config) CheckSequence(ids []int32) error {
	if len(ids) > c.MaxPositions {
		return fmt.Errorf("%d tokens are more than the model's %d positions", len(ids), c.MaxPositions)
	}
	for i, id := range ids {
		if id < 0 || int(id) >= c.Vocab {
			return fmt.Errorf("token %d has id %d, the vocabulary has %d", i, id, c.Vocab)
		}
	}
	return nil
}
