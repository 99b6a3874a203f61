package biogpt

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/gomlx/compute/dtypes/bfloat16"

	"github.com/pubmine/pubmine/model/biogpt/cpu"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// An Engine holds a trunk on a device and encodes token sequences. It is used from one goroutine at
// a time.
type Engine struct {
	cfg       Config
	backend   *Backend
	precision Precision
	specs     []Spec
	lanes     []lane
	weights   []device.Buffer // of the first lane, in the order of specs
	kernels   *cpu.Trunk      // instead of lanes and weights, on the backend cpu
	layout    layout

	mu       sync.Mutex // guards the fields below, which lanes share
	composed bool       // attention must not be fused
	stacks   map[Shape]*stack
	stats    Stats
}

// A lane computes one batch at a time.
type lane struct {
	device  *Backend
	weights []device.Buffer
}

// NewEngine copies the parameters to the device, in its default precision (PrecisionOf). Programs
// are compiled when a shape first comes up.
func NewEngine(backend *Backend, cfg Config, params Tensors) (*Engine, error) {
	return NewEngineWith(backend, cfg, params, PrecisionOf(backend.Class()))
}

// NewEngineWith is NewEngine with the given precision.
func NewEngineWith(backend *Backend, cfg Config, params Tensors, precision Precision) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{
		cfg: cfg, backend: backend, precision: precision, specs: cfg.Trunk(),
		layout: layoutOf(backend.Class(), cfg), stacks: map[Shape]*stack{},
	}
	if backend.Class() != device.CPU {
		e.lanes = lanes(backend)
	} else if precision != Float32 {
		return nil, fmt.Errorf("backend %s computes in %s, not in %s", device.CPU, Float32, precision)
	}
	if err := e.SetParams(params); err != nil {
		return nil, err
	}
	return e, nil
}

// maxGoMLXLanes bounds the batches that the GoMLX backend computes at once, and so their memory.
const maxGoMLXLanes = 8

// lanes returns one lane for each accelerator. GoMLX computes everything except products on one
// core, so it gets a lane for each core, which share the parameters. XLA presents one processor as
// several devices (four in the public plugin), each of which uses all cores: one is enough.
func lanes(backend *Backend) []lane {
	list := []lane{{device: backend}}
	switch backend.Class() {
	case device.GoMLX:
		for len(list) < min(runtime.GOMAXPROCS(0), maxGoMLXLanes) {
			list = append(list, lane{device: backend})
		}
	case device.CUDA:
		for _, d := range backend.Peers()[1:] {
			list = append(list, lane{device: d})
		}
	}
	return list
}

// SetParams replaces the parameters and keeps the compiled programs, so that training can evaluate
// its model repeatedly. Only one parameter at a time is held outside the device. After an error the
// engine has no parameters.
func (e *Engine) SetParams(params Tensors) (err error) {
	if e.backend.Class() == device.CPU {
		e.kernels, err = cpu.NewTrunk(e.cfg.KernelConfig(), params, runtime.GOMAXPROCS(0))
		return err
	}
	e.freeParams()
	var values []float32
	for _, s := range e.specs {
		if values, err = params.AppendFloat32s(values[:0], s.Name, s.Shape); err != nil {
			return err
		}
		for i := range e.lanes {
			l := &e.lanes[i]
			if i > 0 && l.device == e.lanes[0].device {
				l.weights = e.lanes[0].weights
				continue
			}
			b, err := e.upload(l.device, s, values)
			if err != nil {
				return fmt.Errorf("parameter %q: %w", s.Name, err)
			}
			l.weights = append(l.weights, b)
		}
	}
	e.weights = e.lanes[0].weights
	return nil
}

func (e *Engine) upload(d *Backend, s Spec, values []float32) (device.Buffer, error) {
	if e.precision.rounds(s) {
		return device.Upload(d, bfloat16.FromFloat32s(values...), s.Shape...)
	}
	return device.Upload(d, values, s.Shape...)
}

func (e *Engine) freeParams() {
	for i, l := range e.lanes {
		if i == 0 || l.device != e.lanes[0].device {
			device.Free(l.weights...)
		}
		e.lanes[i].weights = nil
	}
	e.weights = nil
}

// Dim is the width of a hidden state.
func (e *Engine) Dim() int { return e.cfg.Hidden }

// MaxLen is the length of the longest sequence that Encode takes.
func (e *Engine) MaxLen() int { return e.cfg.MaxPositions }

// BackendClass is the name of the backend that computes the states.
func (e *Engine) BackendClass() string { return e.backend.Class() }

// Kernels returns the trunk in the form of package cpu, and nil on other backends.
func (e *Engine) Kernels() *cpu.Trunk { return e.kernels }

// Precision is the precision of the products.
func (e *Engine) Precision() Precision { return e.precision }

// Stats returns the statistics of the engine so far.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stats
}

// Close frees the parameters and programs, but not the backend.
func (e *Engine) Close() error {
	e.freeParams()
	for _, s := range e.stacks {
		s.close()
	}
	e.stacks, e.kernels = nil, nil
	return nil
}

// CheckSequence returns an error if a trunk of this config cannot take the sequence. XLA clamps ids
// that are out of range, so they are checked here.
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
