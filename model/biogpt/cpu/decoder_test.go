package cpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/decoding/decodingtest"
)

// odd is a trunk none of whose sizes is a multiple of a tile's: 3 heads of 21, and more than a
// block of columns in its ffn.
var odd = Config{Vocab: 83, Hidden: 63, Layers: 2, Heads: 3, FFN: 301, MaxPositions: 71, ScaleEmbed: true}

// small is a trunk with few computations and as odd sizes.
var small = Config{Vocab: 23, Hidden: 33, Layers: 2, Heads: 3, FFN: 40, MaxPositions: 43, ScaleEmbed: true}

// eachKernels runs a test with the functions in plain Go and with those that are used here.
func eachKernels(t *testing.T, test func(t *testing.T, k kernels)) {
	t.Run("portable", func(t *testing.T) { test(t, kernels{portableTile, portableVectors()}) })
	t.Run("fast", func(t *testing.T) { test(t, kernels{fastTile(), fastVectors()}) })
}

func TestDecoderConformance(t *testing.T) {
	params := random(small, 1)
	eachKernels(t, func(t *testing.T, k kernels) {
		trunk, err := newTrunk(small, params, 2, k)
		if err != nil {
			t.Fatal(err)
		}
		d, err := trunk.Decoder(5)
		if err != nil {
			t.Fatal(err)
		}
		decodingtest.Run(t, decodingtest.Subject{
			Decoder: d, Limits: d.Limits(),
			Logits: func(ids []int32) []float32 { return referenceLogits(small, params, ids) },
		})
	})
}

// TestLogitsAreEqualToTheBit reads one text in several ways, among others and alone.
func TestLogitsAreEqualToTheBit(t *testing.T) {
	params := random(odd, 2)
	rng := rand.New(rand.NewPCG(1, 1))
	ids := func(n int) []int32 {
		ids := make([]int32, n)
		for i := range ids {
			ids[i] = int32(rng.IntN(odd.Vocab))
		}
		return ids
	}
	text := ids(35)
	eachKernels(t, func(t *testing.T, k kernels) {
		var want []float32
		for _, threads := range []int{1, 3} {
			trunk, err := newTrunk(odd, params, threads, k)
			if err != nil {
				t.Fatal(err)
			}
			for _, prompt := range []int{35, 17, 1} {
				for _, others := range []int{0, 6} {
					d, err := trunk.Decoder(others + 1)
					if err != nil {
						t.Fatal(err)
					}
					logits := decode(t, d, text, prompt, func() []int32 { return ids(1 + rng.IntN(20)) })
					if want == nil {
						want = logits
					}
					if !slices.Equal(want, logits) {
						t.Fatalf("%d threads, prompt of %d, %d other texts: other logits", threads, prompt, others)
					}
				}
			}
		}
	})
}

// decode reads text, the first prompt tokens at once, in the last slot and other texts in those
// before.
func decode(t *testing.T, d *Decoder, text []int32, prompt int, other func() []int32) []float32 {
	t.Helper()
	ctx, last := context.Background(), d.limits.Slots-1
	var prompts []decoding.Prompt
	for slot := range last {
		prompts = append(prompts, decoding.Prompt{Slot: slot, IDs: other()})
	}
	logits, err := d.Prefill(ctx, append(prompts, decoding.Prompt{Slot: last, IDs: text[:prompt]}))
	for _, id := range text[prompt:] {
		if err != nil {
			break
		}
		var tokens []decoding.Token
		for slot := range last {
			tokens = append(tokens, decoding.Token{Slot: slot, ID: id})
		}
		logits, err = d.Step(ctx, append(tokens, decoding.Token{Slot: last, ID: id}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(logits[last])
}

func TestPagesAreGivenBack(t *testing.T) {
	d, err := New(odd, random(odd, 3), 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	heap := d.pass.attention.heap
	made := 0
	for i := range 6 {
		prompt := decoding.Prompt{Slot: 0, IDs: make([]int32, 40)}
		if _, err := d.Prefill(ctx, []decoding.Prompt{prompt}); err != nil {
			t.Fatal(err)
		}
		if err := d.Copy(ctx, []int{0, 0, 0}, []int{1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Step(ctx, []decoding.Token{{Slot: 0, ID: 1}, {Slot: 1, ID: 2}, {Slot: 2, ID: 3}}); err != nil {
			t.Fatal(err)
		}
		for slot := range 4 {
			d.forget(slot)
		}
		if i == 0 {
			// the first page of a layer is shared by all four, the second is shared by none that
			// has stepped
			if made = len(heap.free); made != odd.Layers*(1+4) {
				t.Errorf("%d pages were made, want %d", made, odd.Layers*(1+4))
			}
		}
		if len(heap.free) != made {
			t.Fatalf("%d pages are free, %d were made", len(heap.free), made)
		}
	}
}

func TestErrorsEmptyTheirSlots(t *testing.T) {
	d, err := New(odd, random(odd, 4), 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	fill := func() {
		t.Helper()
		if _, err := d.Prefill(ctx, []decoding.Prompt{{Slot: 0, IDs: []int32{1}},
			{Slot: 1, IDs: []int32{2}}}); err != nil {
			t.Fatal(err)
		}
	}
	for name, call := range map[string]func() error{
		"prefill": func() error {
			_, err := d.Prefill(ctx, []decoding.Prompt{{Slot: 1, IDs: []int32{-1}}})
			return err
		},
		"step": func() error { _, err := d.Step(ctx, []decoding.Token{{Slot: 1, ID: 99}}); return err },
		"copy": func() error { return d.Copy(ctx, []int{0}, []int{1, 7}) },
		"late": func() error {
			_, err := d.Step(&endsLater{Context: ctx, calls: 2}, []decoding.Token{{Slot: 1, ID: 9}})
			return err
		},
	} {
		fill()
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := d.Step(ctx, []decoding.Token{{Slot: 1, ID: 1}}); err == nil {
			t.Errorf("%s: slot 1 still holds something", name)
		}
	}
}

// endsLater is a context that ends after a number of calls.
type endsLater struct {
	context.Context
	calls int
}

func (c *endsLater) Err() error {
	if c.calls--; c.calls < 0 {
		return context.Canceled
	}
	return nil
}

func TestRefusals(t *testing.T) {
	params := random(odd, 5)
	for name, change := range map[string]func(c *Config){
		"no layers":       func(c *Config) { c.Layers = 0 },
		"uneven heads":    func(c *Config) { c.Heads = 2 },
		"too many layers": func(c *Config) { c.Layers = 3 },
		"other shape":     func(c *Config) { c.FFN = 300 },
		"bidirectional":   func(c *Config) { c.Bidirectional = true },
	} {
		cfg := odd
		change(&cfg)
		if _, err := New(cfg, params, 1, 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	trunk, err := NewTrunk(odd, params, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, ids := range map[string][]int32{"negative": {-1}, "no such id": {83}, "long": make([]int32, 72)} {
		if _, err := trunk.States(context.Background(), [][]int32{{1}, ids}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func near(t *testing.T, what string, want, got float64) {
	t.Helper()
	if d := math.Abs(want - got); !(d <= 1e-4) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func TestStatesEqualReference(t *testing.T) {
	for _, bidirectional := range []bool{false, true} {
		for _, scale := range []bool{false, true} {
			cfg := odd
			cfg.Bidirectional, cfg.ScaleEmbed = bidirectional, scale
			params := random(cfg, 6)
			sequences := [][]int32{{5}, {}, make([]int32, 71), make([]int32, 33)}
			for _, s := range sequences {
				for i := range s {
					s[i] = int32((7*i + len(s)) % cfg.Vocab)
				}
			}
			eachKernels(t, func(t *testing.T, k kernels) {
				trunk, err := newTrunk(cfg, params, 2, k)
				if err != nil {
					t.Fatal(err)
				}
				states, err := trunk.States(context.Background(), sequences)
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range sequences {
					if len(states[i]) != len(s)*cfg.Hidden {
						t.Fatalf("sequence %d: %d values", i, len(states[i]))
					}
					for p, row := range reference(cfg, params, s) {
						what := fmt.Sprintf("sequence %d, position %d", i, p)
						for j, want := range row {
							near(t, what, want, float64(states[i][p*cfg.Hidden+j]))
						}
					}
				}
			})
		}
	}
}
