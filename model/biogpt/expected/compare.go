package expected

import (
	"context"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// Subject is the model that is compared, and the backend that its engine uses.
type Subject struct {
	Backend *biogpt.Backend
	Config  biogpt.Config
	Weights biogpt.Tensors
	Engine  *biogpt.Engine
	Slots   int // sequences that are generated at once
}

// Compare computes everything that the file has expected outputs for.
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
	generations, err := f.Generation(ctx, decoder, limits)
	return append(results, generations...), err
}

func (f *File) forward(ctx context.Context, s Subject) ([]Result, error) {
	if len(f.Forwards) == 0 {
		return nil, nil
	}
	projection, err := NewProjection(s)
	if err != nil {
		return nil, err
	}
	defer projection.Close()
	return f.Forward(ctx, s.Engine, projection)
}

// decoder opens a decoder, and returns the function that closes it.
func (s Subject) decoder() (decoding.Decoder, decoding.Limits, func() error, error) {
	if kernels := s.Engine.Kernels(); kernels != nil {
		d, err := kernels.Decoder(s.Slots)
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
