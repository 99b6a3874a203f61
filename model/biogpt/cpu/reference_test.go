package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// tensors are parameters in memory.
type tensors map[string][]float32

func (t tensors) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	size := 1
	for _, d := range shape {
		size *= d
	}
	if len(t[name]) != size {
		return values, fmt.Errorf("tensor %q has %d values, not %v", name, len(t[name]), shape)
	}
	return append(values, t[name]...), nil
}

// random makes parameters of every kind, none of them zero or one.
func random(cfg Config, seed uint64) tensors {
	rng := rand.New(rand.NewPCG(seed, 2))
	t := tensors{}
	add := func(name string, size int, mean, spread float64) {
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(mean + spread*rng.NormFloat64())
		}
		t[name] = values
	}
	linear := func(name string, n, k int) {
		add(name+".weight", n*k, 0, 1/math.Sqrt(float64(k)))
		add(name+".bias", n, 0, 0.1)
	}
	norm := func(name string) {
		add(name+".weight", cfg.Hidden, 1, 0.2)
		add(name+".bias", cfg.Hidden, 0, 0.2)
	}
	add("biogpt.embed_tokens.weight", cfg.Vocab*cfg.Hidden, 0, 1/math.Sqrt(float64(cfg.Hidden)))
	add("biogpt.embed_positions.weight", (cfg.MaxPositions+positionOffset)*cfg.Hidden, 0, 0.5)
	for i := range cfg.Layers {
		name := fmt.Sprintf("biogpt.layers.%d.", i)
		norm(name + "self_attn_layer_norm")
		norm(name + "final_layer_norm")
		for _, part := range []string{"q_proj", "k_proj", "v_proj", "out_proj"} {
			linear(name+"self_attn."+part, cfg.Hidden, cfg.Hidden)
		}
		linear(name+"fc1", cfg.FFN, cfg.Hidden)
		linear(name+"fc2", cfg.Hidden, cfg.FFN)
	}
	norm("biogpt.layer_norm")
	return t
}

// reference is the forward pass as the package's doc writes it, in float64, one token after the
// other: the states of one sequence.
func reference(cfg Config, t tensors, ids []int32) [][]float64 {
	x := make([][]float64, len(ids))
	for p, id := range ids {
		x[p] = make([]float64, cfg.Hidden)
		for i := range x[p] {
			token, position := t["biogpt.embed_tokens.weight"][int(id)*cfg.Hidden+i],
				t["biogpt.embed_positions.weight"][(p+2)*cfg.Hidden+i]
			scale := 1.0
			if cfg.ScaleEmbed {
				scale = math.Sqrt(float64(cfg.Hidden))
			}
			x[p][i] = float64(token)*scale + float64(position)
		}
	}
	for i := range cfg.Layers {
		name := fmt.Sprintf("biogpt.layers.%d.", i)
		mixed := referenceAttention(cfg, t, name+"self_attn.", referenceNorm(t, name+"self_attn_layer_norm", x))
		x = plus(x, referenceLinear(t, name+"self_attn.out_proj", mixed))
		h := referenceLinear(t, name+"fc1", referenceNorm(t, name+"final_layer_norm", x))
		for _, row := range h {
			for j, v := range row {
				row[j] = 0.5 * v * (1 + math.Erf(v/math.Sqrt2))
			}
		}
		x = plus(x, referenceLinear(t, name+"fc2", h))
	}
	return referenceNorm(t, "biogpt.layer_norm", x)
}

// referenceLogits are those after the last of ids.
func referenceLogits(cfg Config, t tensors, ids []int32) []float32 {
	states := reference(cfg, t, ids)
	logits := make([]float32, cfg.Vocab)
	for i := range logits {
		logits[i] = float32(dot(states[len(ids)-1], t["biogpt.embed_tokens.weight"][i*cfg.Hidden:]))
	}
	return logits
}

func referenceAttention(cfg Config, t tensors, name string, x [][]float64) [][]float64 {
	q, k, v := referenceLinear(
		t, name+"q_proj", x,
	), referenceLinear(
		t, name+"k_proj", x,
	), referenceLinear(
		t, name+"v_proj", x,
	)
	width := cfg.Hidden / cfg.Heads
	mixed := make([][]float64, len(x))
	for p := range x {
		mixed[p] = make([]float64, cfg.Hidden)
		seen := p + 1
		if cfg.Bidirectional {
			seen = len(x)
		}
		for head := 0; head < cfg.Hidden; head += width {
			weights, sum := make([]float64, seen), 0.0
			for i := range seen {
				for j := head; j < head+width; j++ {
					weights[i] += q[p][j] * k[i][j]
				}
				weights[i] = math.Exp(weights[i] / math.Sqrt(float64(width)))
				sum += weights[i]
			}
			for i := range seen {
				for j := head; j < head+width; j++ {
					mixed[p][j] += weights[i] / sum * v[i][j]
				}
			}
		}
	}
	return mixed
}

func referenceNorm(t tensors, name string, x [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i, row := range x {
		var mean, variance float64
		for _, v := range row {
			mean += v / float64(len(row))
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(len(row))
		}
		for j, v := range row {
			out[i] = append(
				out[i], (v-mean)/math.Sqrt(variance+1e-5)*float64(t[name+".weight"][j])+float64(t[name+".bias"][j]),
			)
		}
	}
	return out
}

func referenceLinear(t tensors, name string, x [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i, row := range x {
		for j, b := range t[name+".bias"] {
			out[i] = append(out[i], float64(b)+dot(row, t[name+".weight"][j*len(row):]))
		}
	}
	return out
}

func dot(x []float64, w []float32) float64 {
	var sum float64
	for i, v := range x {
		sum += v * float64(w[i])
	}
	return sum
}

func plus(x, y [][]float64) [][]float64 {
	for i := range x {
		x[i] = slices.Clone(x[i])
		for j := range x[i] {
			x[i][j] += y[i][j]
		}
	}
	return x
}
