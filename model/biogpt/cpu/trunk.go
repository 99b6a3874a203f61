package cpu

import (
	"fmt"
)

// kernels are the functions for the arithmetic.
type kernels struct {
	tile
	vectors
}

// A Trunk holds the parameters of a model. It does not change after it is made, so that any number
// of passes may use it at once.
type Trunk struct {
	cfg       Config
	kernels   kernels
	threads   int
	tokens    linear // the table, and the projection onto the vocabulary
	positions []float32
	layers    []layer
	norm      norm
}

type layer struct {
	attentionNorm, ffnNorm norm
	qkv, out, fc1, fc2     linear
}

type norm struct{ weight, bias []float32 }

// A linear holds a product and its bias, which is padded to full panels.
type linear struct {
	*matrix
	bias []float32
}

// NewTrunk reads the parameters of a model and packs them; passes use up to the given number of
// threads. In addition to the packed parameters, it holds the values of one parameter at a time.
func NewTrunk(cfg Config, from Tensors, threads int) (*Trunk, error) {
	return newTrunk(cfg, from, threads, kernels{fastTile(), fastVectors()})
}

func newTrunk(cfg Config, from Tensors, threads int, k kernels) (*Trunk, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	r := reader{from: from, buffer: make([]float32, 0, cfg.Hidden*max(cfg.Vocab, cfg.FFN))}
	h := cfg.Hidden
	t := &Trunk{cfg: cfg, kernels: k, threads: max(1, threads)}
	t.tokens = linear{newMatrix(cfg.Vocab, h), make([]float32, padded(cfg.Vocab))}
	t.tokens.set(0, r.read("biogpt.embed_tokens.weight", cfg.Vocab, h))
	t.positions = r.copy("biogpt.embed_positions.weight", cfg.MaxPositions+positionOffset, h)
	for i := range cfg.Layers {
		name := fmt.Sprintf("biogpt.layers.%d.", i)
		t.layers = append(t.layers, layer{
			attentionNorm: r.norm(name+"self_attn_layer_norm", h),
			ffnNorm:       r.norm(name+"final_layer_norm", h),
			qkv:           r.linear(h, h, name+"self_attn.q_proj", name+"self_attn.k_proj", name+"self_attn.v_proj"),
			out:           r.linear(h, h, name+"self_attn.out_proj"),
			fc1:           r.linear(cfg.FFN, h, name+"fc1"),
			fc2:           r.linear(h, cfg.FFN, name+"fc2"),
		})
	}
	t.norm = r.norm("biogpt.layer_norm", h)
	if r.err != nil {
		return nil, fmt.Errorf("%w", r.err)
	}
	return t, nil
}

// A reader reads parameters until the first error; those that it returns after one are zero.
type reader struct {
	from   Tensors
	buffer []float32
	err    error
}

// read returns a parameter, which is valid until the next call.
func (r *reader) read(name string, shape ...int) []float32 {
	size := 1
	for _, d := range shape {
		size *= d
	}
	if r.err == nil {
		if r.buffer, r.err = r.from.AppendFloat32s(r.buffer[:0], name, shape); r.err == nil && len(r.buffer) != size {
			r.err = fmt.Errorf("tensor %q has %d values, shape %v has %d", name, len(r.buffer), shape, size)
		}
	}
	if r.err != nil {
		return nil
	}
	return r.buffer
}

func (r *reader) copy(name string, shape ...int) []float32 {
	return append([]float32(nil), r.read(name, shape...)...)
}

func (r *reader) norm(name string, width int) norm {
	return norm{r.copy(name+".weight", width), r.copy(name+".bias", width)}
}

// linear reads several products, [n, k] each, as one whose results are concatenated.
func (r *reader) linear(n, k int, names ...string) linear {
	l := linear{newMatrix(n*len(names), k), make([]float32, padded(n*len(names)))}
	for i, name := range names {
		l.set(i*n, r.read(name+".weight", n, k))
		copy(l.bias[i*n:], r.read(name+".bias", n))
	}
	return l
}
