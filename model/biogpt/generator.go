package biogpt

import (
	"fmt"
	"io/fs"
	"runtime"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/native"
)

// Native names the decoder of package native among the backends: on a processor it is several times
// as fast as a graph, which multiplies the few rows of a step badly.
const Native = device.Native

// A Generator is an open model that writes.
type Generator struct {
	decoding.Decoder
	Limits decoding.Limits
	Class  string // of what computes: Native, or a backend's class
	close  func()
}

// OpenWriting opens the backend that writes with a model: one that OpenBackend opens, or Native;
// "auto" is CUDA where a GPU can be used, and Native otherwise.
func OpenWriting(name string) (*Backend, error) {
	if name == device.Auto {
		name = Native
		if len(device.GPUs()) > 0 {
			if b, err := OpenBackend(device.CUDA); err == nil {
				return b, nil
			}
		}
	}
	if name == Native {
		return device.OpenNative(), nil
	}
	return OpenBackend(name)
}

// OpenGenerator opens a model directory for generation in so many slots, on a backend of
// OpenWriting's names.
func OpenGenerator(fsys fs.FS, backend string, slots int) (*Generator, error) {
	b, err := OpenWriting(backend)
	if err != nil {
		return nil, err
	}
	g, err := NewGenerator(fsys, b, slots)
	if err != nil {
		_ = b.Close() // the first error says what is wrong
		return nil, err
	}
	free := g.close
	g.close = func() {
		free()
		_ = b.Close() // memory is given back, as far as that can fail, with the process
	}
	return g, nil
}

// NewGenerator opens a model directory for generation in so many slots. The backend must stay open
// as long as the Generator does, and is not closed with it.
func NewGenerator(fsys fs.FS, b *Backend, slots int) (*Generator, error) {
	if b.Class() == device.Native {
		return openNative(fsys, slots)
	}
	return openGraph(fsys, b, slots)
}

// Close frees the model.
func (g *Generator) Close() error {
	g.close()
	return nil
}

func openNative(fsys fs.FS, slots int) (g *Generator, err error) {
	err = withTensors(fsys, func(c Config, file Tensors) error {
		d, err := native.New(c.Native(), file, slots, runtime.GOMAXPROCS(0))
		if err != nil {
			return fmt.Errorf("model: %w", err)
		}
		g = &Generator{Decoder: d, Limits: d.Limits(), Class: Native, close: func() {}}
		return nil
	})
	return g, err
}

// Native is the config as package native has it.
func (c Config) Native() native.Config {
	return native.Config{
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
		_ = engine.Close() // the first error says what is wrong
		return nil, err
	}
	return &Generator{Decoder: d, Limits: d.Limits(), Class: b.Class(), close: func() {
		_ = d.Close() // memory is given back, as far as that can fail, with the backend
		_ = engine.Close()
	}}, nil
}
