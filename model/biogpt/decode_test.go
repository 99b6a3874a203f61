package biogpt

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/decoding/decodingtest"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// randomParams makes parameters of which none is zero, so that a missing bias shows.
func randomParams(cfg Config, seed uint64) Params {
	rng := rand.New(rand.NewPCG(seed, 2))
	params := Params{}
	for _, s := range cfg.Trunk() {
		values := make([]float32, s.Size())
		fill(rng, values, 0.2)
		if strings.HasSuffix(s.Name, "layer_norm.weight") {
			for i := range values {
				values[i]++
			}
		}
		params[s.Name] = values
	}
	return params
}

func newDecoder(t testing.TB, b *Backend, cfg Config, params Params, slots int) *Decoder {
	t.Helper()
	e, err := NewEngine(b, cfg, params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	d, err := NewDecoder(e, slots)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestDecoder(t *testing.T) {
	cfg := NewConfig(48, 32, 2, 2, 48, 40, Causal)
	params := randomParams(cfg, 1)
	eachBackend(t, func(t *testing.T, b *Backend) { conform(t, newDecoder(t, b, cfg, params, 5), params, 1e-4) })
}

// TestDecoderInHalfPrecision bounds the difference by what rounding the last states alone makes of
// logits of this size.
func TestDecoderInHalfPrecision(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: products in bfloat16 are slow on the GoMLX backend")
	}
	b, err := OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := NewConfig(48, 32, 2, 2, 48, 40, Causal)
	params := randomParams(cfg, 1)
	e, err := NewEngineWith(b, cfg, params, BFloat16)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	d, err := NewDecoder(e, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	conform(t, d, params, 0.1)
}

// conform compares a decoder with its engine's states.
func conform(t *testing.T, d *Decoder, params Params, tolerance float64) {
	logits := func(ids []int32) []float32 {
		states := encode(t, d.engine, [][]int32{ids})[0]
		return tiedLogits(params, states[len(states)-d.engine.cfg.Hidden:])
	}
	decodingtest.Run(t, decodingtest.Subject{Decoder: d, Limits: d.Limits(), Logits: logits, Tolerance: tolerance})
}

// tiedLogits is the language model's head without a graph.
func tiedLogits(params Params, state []float32) []float32 {
	var logits []float32
	for row := range slices.Chunk(params[TokenTable], len(state)) {
		var sum float64
		for i, v := range row {
			sum += float64(v) * float64(state[i])
		}
		logits = append(logits, float32(sum))
	}
	return logits
}

func TestDecoderKeepsToFewPrograms(t *testing.T) {
	b, err := OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := NewConfig(48, 32, 1, 2, 32, 64, Causal)
	d := newDecoder(t, b, cfg, randomParams(cfg, 1), 4)
	var requests []decoding.Request
	for i := range 12 {
		ids := randomSequences(cfg, uint64(i), 1+i%3*9)[0]
		requests = append(requests, decoding.Request{Prompt: ids, Options: decoding.Options{MaxNew: 40, MinNew: 40}})
	}
	if _, err := decoding.Run(context.Background(), d, d.Limits(), requests); err != nil {
		t.Fatal(err)
	}
	if n := len(d.cache.programs); n > 20 {
		t.Errorf("%d programs were compiled", n)
	}
}

func TestNewDecoderRefuses(t *testing.T) {
	b, err := OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	both := newEngine(t, b, NewConfig(48, 32, 1, 2, 32, 64, Bidirectional))
	defer both.Close()
	if _, err := NewDecoder(both, 4); err == nil || !strings.Contains(err.Error(), Bidirectional) {
		t.Errorf("a bidirectional trunk: %v", err)
	}
	causal := newEngine(t, b, NewConfig(48, 32, 1, 2, 32, 64, Causal))
	defer causal.Close()
	if _, err := NewDecoder(causal, 0); err == nil {
		t.Error("no slots: no error")
	}
}
