package biogpt

import (
	"io/fs"
	"runtime"

	"github.com/pubmine/pubmine/model/biogpt/cpu"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// A Generator is an open model that generates text.
type Generator struct {
	decoding.Decoder
	Limits decoding.Limits
	Class  string // of the backend
	close  func()
}

// OpenGenerator opens a model directory for generation in the given number of slots, on a backend
// that OpenBackend opens.
func OpenGenerator(fsys fs.FS, backend string, slots int) (*Generator, error) {
	b, err := OpenBackend(backend)
	if err != nil {
		return nil, err
	}
	g, err := NewGenerator(fsys, b, slots)
	if err != nil {
		_ = b.Close() // the first error is the cause
		return nil, err
	}
	free := g.close
	g.close = func() {
		free()
		_ = b.Close() // memory that is not freed now is freed with the process
	}
	return g, nil
}

// NewGenerator opens a model directory for generation in the given number of slots. The backend
// must stay open as long as the Generator does, and is not closed with it.
func NewGenerator(fsys fs.FS, b *Backend, slots int) (*Generator, error) {
	if b.Class() == device.CPU {
		return openKernels(fsys, b, slots)
	}
	return openGraph(fsys, b, slots)
}

// Close frees the model.
func (g *Generator) Close() error {
	g.close()
	return nil
}

func openKernels(fsys fs.FS, b *Backend, slots int) (g *Generator, err error) {
	err = withTensors(fsys, func(c Config, file Tensors) error {
		d, err := cpu.New(c.KernelConfig(), file, slots, runtime.GOMAXPROCS(0))
		if err != nil {
			return err
		}
		g = &Generator{Decoder: d, Limits: d.Limits(), Class: b.Class(), close: func() {}}
		return nil
	})
	return g, err
}

// KernelConfig is the config in the form of package cpu.
func (c Config) KernelConfig() cpu.Config {
	return cpu.Config{
		Vocab: c.Vocab, Hidden: c.Hidden, Layers: c.Layers, Heads: c.Heads, FFN: c.FFN, MaxPositions: c.MaxPositions,
		ScaleEmbed: c.ScaleEmbed, Bidirectional: !c.causal(),
	}
}

func openGraph(fsys fs.FS, b *Backend, slots int) (*Generator, error) {
	engine, err := Open(fsys, b)
	if err != nil {
		return nil, err
	}
	d, err := NewDecoder(engine, slots)
	if err != nil {
		_ = engine.Close() // the first error is the cause
		return nil, err
	}
	return &Generator{Decoder: d, Limits: d.Limits(), Class: b.Class(), close: func() {
		_ = d.Close() // memory that is not freed now is freed with the backend
		_ = engine.Close()
	}}, nil
}
