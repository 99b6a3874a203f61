package expected

import (
	"context"
	"runtime"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/cpu"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Subject is the model that is compared, on the backend that it is used with.
type Subject struct {
	Backend *biogpt.Backend
	Config  biogpt.Config
	Weights biogpt.Tensors
	Engine  *biogpt.Engine
	Slots   int // sequences that are written at once
}

// Compare computes all that a file has outputs of.
func (f *File) Compare(ctx context.Context, s Subject) ([]Result, error) {
	results, err := f.forward(ctx, s)
	if err != nil || len(f.Generations) == 0 {
		return results, err
	}
	decoder, limits, done, err := s.decoder()
	if err != nil {
		return nil, err
	}
	defer done()
	written, err := f.Generation(ctx, decoder, limits)
	return append(results, written...), err
}

func (f *File) forward(ctx context.Context, s Subject) ([]Result, error) {
	if len(f.Forwards) == 0 {
		return nil, nil
	}
	graphs := s.Backend
	if graphs.Class() == device.CPU { // which has no graphs, and projects states within generation only
		var err error
		if graphs, err = device.Open(device.GoMLX); err != nil {
			return nil, err
		}
		defer graphs.Close()
	}
	projection, err := NewProjection(graphs, s.Config, s.Weights)
	if err != nil {
		return nil, err
	}
	defer projection.Close()
	return f.Forward(ctx, s.Engine, projection)
}

// decoder opens what writes, and says how to close it.
func (s Subject) decoder() (decoding.Decoder, decoding.Limits, func() error, error) {
	if s.Backend.Class() == device.CPU {
		d, err := cpu.New(s.Config.KernelConfig(), s.Weights, s.Slots, runtime.GOMAXPROCS(0))
		if err != nil {
			return nil, decoding.Limits{}, nil, err
		}
		return d, d.Limits(), func() error { return nil }, nil
	}
	d, err := biogpt.NewDecoder(s.Engine, s.Slots)
	if err != nil {
		return nil, decoding.Limits{}, nil, err
	}
	return d, d.Limits(), d.Close, nil
}
