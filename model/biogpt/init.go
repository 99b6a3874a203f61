package biogpt

import (
	"math"
	"math/rand/v2"
	"strings"
)

// The constants of reference training.md, "Init".
const (
	tokenSpread   = 0.28 // token table: standard deviation times sqrt(hidden)
	positionNoise = 0.02 // position table: standard deviation of the random part
	positionDims  = 32   // the first dimensions of a position hold sin and cos of its multiples
	lowFrequency  = 0.2
	highFrequency = 2.8
	headStrength  = 0.75
	headNoise     = 0.3
)

// InitStructured returns initial values with which attention heads already attend to neighbours,
// which small trunks do not learn by themselves (reference training.md, "Init" and finding 1).
// Positions hold sin and cos of p*w for 16 frequencies w in their first 32 dimensions. A head that
// attends to the token d places away has the identity in its key product and a rotation by w*d in
// its query product, on those dimensions, so that the score of two positions peaks where they are d
// apart. Heads take the offsets in turn: -1, +1, -2, +2, -3, +3, 0, -4, or for causal attention -1,
// -2, -3, 0. Biases are zero, norms are one. Heads narrower than 32 and trunks narrower than 32 get
// the random part only.
func InitStructured(cfg Config, seed uint64) Params {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	params := Params{}
	for _, s := range cfg.Trunk() {
		values := make([]float32, s.Size())
		switch {
		case s.Name == TokenTable:
			fill(rng, values, tokenSpread/math.Sqrt(float64(cfg.Hidden)))
		case s.Name == PositionTable:
			fill(rng, values, positionNoise)
		case len(s.Shape) == 2: // the spread of PyTorch's Linear
			fill(rng, values, 1/math.Sqrt(3*float64(s.Shape[1])))
		case strings.HasSuffix(s.Name, "layer_norm.weight"):
			for i := range values {
				values[i] = 1
			}
		}
		params[s.Name] = values
	}
	residual := float32(1 / math.Sqrt(2*float64(cfg.Layers)))
	for i := range cfg.Layers {
		scale(params[layer(i, "self_attn.out_proj.weight")], residual)
		scale(params[layer(i, "fc2.weight")], residual)
	}
	if cfg.Hidden >= positionDims && cfg.Hidden/cfg.Heads >= positionDims {
		structure(cfg, params)
	}
	return params
}

func fill(rng *rand.Rand, values []float32, spread float64) {
	for i := range values {
		values[i] = float32(rng.NormFloat64() * spread)
	}
}

func scale(values []float32, by float32) {
	for i := range values {
		values[i] *= by
	}
}

// structure writes sines and cosines into the position table and sets the offset of every head.
func structure(cfg Config, params Params) {
	table := params[PositionTable]
	for p := range cfg.MaxPositions {
		row := table[(p+positionOffset)*cfg.Hidden:]
		for f := range positionDims / 2 {
			sin, cos := math.Sincos(float64(p) * frequency(f))
			row[2*f], row[2*f+1] = float32(sin), float32(cos)
		}
	}
	offsets := []int{-1, +1, -2, +2, -3, +3, 0, -4}
	if cfg.causal() {
		offsets = []int{-1, -2, -3, 0}
	}
	width := cfg.Hidden / cfg.Heads
	for i := range cfg.Layers {
		query, key := params[layer(i, "self_attn.q_proj.weight")], params[layer(i, "self_attn.k_proj.weight")]
		scale(query, headNoise)
		scale(key, headNoise)
		for head := range cfg.Heads {
			offset := float64(offsets[head%len(offsets)])
			for f := range positionDims / 2 {
				sin, cos := math.Sincos(frequency(f) * offset)
				even, odd := (head*width+2*f)*cfg.Hidden, (head*width+2*f+1)*cfg.Hidden
				key[even+2*f] += headStrength
				key[odd+2*f+1] += headStrength
				query[even+2*f] += float32(headStrength * cos) // sin(a+b) = sin a cos b + cos a sin b
				query[even+2*f+1] += float32(headStrength * sin)
				query[odd+2*f] -= float32(headStrength * sin) // cos(a+b) = cos a cos b - sin a sin b
				query[odd+2*f+1] += float32(headStrength * cos)
			}
		}
	}
}

// frequency returns the f-th of the 16 frequencies, spaced evenly.
func frequency(f int) float64 {
	return lowFrequency + (highFrequency-lowFrequency)*float64(f)/(positionDims/2-1)
}
