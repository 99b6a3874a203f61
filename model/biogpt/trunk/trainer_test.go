package trunk

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// eachBackend runs a test on the GoMLX backend and on XLA for the CPU where a plugin is found.
func eachBackend(t *testing.T, test func(t *testing.T, b *biogpt.Backend)) {
	for _, name := range []string{device.GoMLX, device.XLACPU} {
		t.Run(name, func(t *testing.T) {
			if name == device.XLACPU && (testing.Short() || len(device.Plugins(name)) == 0) {
				t.Skip("-short, or no PJRT plugin for the CPU on this machine: compiling for XLA takes seconds")
			}
			b, err := biogpt.OpenBackend(name)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			test(t, b)
		})
	}
}

func newTrainer(t testing.TB, b *biogpt.Backend, cfg biogpt.Config, params biogpt.Params, opts Options) *Trainer {
	t.Helper()
	tr, err := NewTrainer(b, cfg, params, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

func small(attention string) biogpt.Config { return biogpt.NewConfig(24, 16, 1, 2, 20, 32, attention) }

func sequences(cfg biogpt.Config, lengths ...int) [][]int32 {
	rng := rand.New(rand.NewPCG(2, 3))
	var list [][]int32
	for _, n := range lengths {
		s := make([]int32, n)
		for i := range s {
			s[i] = int32(4 + rng.IntN(cfg.Vocab-4))
		}
		list = append(list, s)
	}
	return list
}

// dot is the loss of which gradients are the gradient: sum(states * gradients).
func dot(states, gradients [][]float32) float64 {
	var sum float64
	for i := range states {
		for j := range states[i] {
			sum += float64(states[i][j]) * float64(gradients[i][j])
		}
	}
	return sum
}

// TestBackwardIsTheGradient compares the first moments that a step leaves, which are (1-beta1)
// times the gradient, to differences of the loss, under dropout: it holds only if Forward and
// Backward drop the same values.
func TestBackwardIsTheGradient(t *testing.T) {
	cfg := small(biogpt.Causal)
	params := biogpt.InitStructured(cfg, 4)
	batch := sequences(cfg, 9, 4)
	rng := rand.New(rand.NewPCG(8, 9))
	var gradients [][]float32
	for _, s := range batch {
		g := make([]float32, len(s)*cfg.Hidden)
		for i := range g {
			g[i] = float32(rng.NormFloat64())
		}
		gradients = append(gradients, g)
	}
	opts := Options{Tokens: 64, Dropout: 0.2, Seed: 5, ClipNorm: -1}
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		trainer, probe := newTrainer(t, b, cfg, params, opts), newTrainer(t, b, cfg, params, opts)
		norm, err := trainer.Backward(batch, gradients, 0)
		if err != nil {
			t.Fatal(err)
		}
		var squares float64
		for i, s := range trainer.specs {
			moments, err := trainer.state[len(trainer.specs)+i].Float32s(s.Size())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range moments {
				squares += math.Pow(float64(m)/(1-trainer.opts.Beta1), 2)
			}
			at := rng.IntN(s.Size())
			if s.Name == biogpt.TokenTable {
				at = int(batch[0][3])*cfg.Hidden + 2
			}
			const delta = 2e-3
			loss := func(by float32) float64 {
				moved := slices.Clone(params[s.Name])
				moved[at] += by
				buffer, err := device.Upload(b, moved, s.Shape...)
				if err != nil {
					t.Fatal(err)
				}
				device.Free(probe.state[i])
				probe.state[i] = buffer
				states, err := probe.Forward(batch)
				if err != nil {
					t.Fatal(err)
				}
				return dot(states, gradients)
			}
			want := (loss(delta) - loss(-delta)) / (2 * delta)
			loss(0)
			got := float64(moments[at]) / (1 - trainer.opts.Beta1)
			if math.Abs(got-want) > 2e-2*math.Max(1, math.Abs(want)) {
				t.Errorf("%s[%d]: gradient %g, difference %g", s.Name, at, got, want)
			}
		}
		if math.Abs(norm-math.Sqrt(squares)) > 1e-3*norm {
			t.Errorf("norm %g, want %g", norm, math.Sqrt(squares))
		}
	})
}

// TestOptimizerFollowsAdamW repeats steps in plain Go.
func TestOptimizerFollowsAdamW(t *testing.T) {
	cfg := small(biogpt.Bidirectional)
	params := biogpt.InitStructured(cfg, 4)
	batch := sequences(cfg, 8)
	gradient := [][]float32{slices.Repeat([]float32{0.5, -1, 2, 0}, 8*cfg.Hidden/4)}
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		trainer := newTrainer(t, b, cfg, params, Options{Tokens: 32})
		const rate = 1e-2
		norm, err := trainer.Backward(batch, gradient, rate)
		if err != nil {
			t.Fatal(err)
		}
		after, err := trainer.Params()
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range trainer.specs {
			m, err := trainer.state[len(trainer.specs)+i].Float32s(s.Size())
			if err != nil {
				t.Fatal(err)
			}
			for j := range m {
				g := float64(m[j]) / 0.1 // clipped already
				want := g / (math.Abs(g) + 1e-8)
				lr := rate
				switch {
				case s.Name == biogpt.TokenTable:
					lr *= 3
				case decays(s):
					want += 0.05 * float64(params[s.Name][j])
				}
				moved := float64(params[s.Name][j]) - float64(after[s.Name][j])
				if math.Abs(g) > 1e-6 && math.Abs(moved-lr*want) > 1e-4*lr+1e-7 {
					t.Fatalf("%s[%d] moved by %g, want %g", s.Name, j, moved, lr*want)
				}
			}
		}
		if norm < 1 {
			t.Errorf("norm %g: the gradient of this test should be clipped", norm)
		}
		if trainer.Steps() != 1 {
			t.Errorf("%d steps", trainer.Steps())
		}
	})
}

func TestDropoutFollowsTheStep(t *testing.T) {
	cfg := small(biogpt.Bidirectional)
	params := biogpt.InitStructured(cfg, 4)
	batch := sequences(cfg, 8, 3)
	gradient := [][]float32{make([]float32, 8*cfg.Hidden), make([]float32, 3*cfg.Hidden)}
	run := func(t *testing.T, b *biogpt.Backend, opts Options) (states [][]float32) {
		trainer := newTrainer(t, b, cfg, params, opts)
		for range 2 {
			s, err := trainer.Forward(batch)
			if err != nil {
				t.Fatal(err)
			}
			again, err := trainer.Forward(batch)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s[0], again[0]) {
				t.Error("Forward changed without a step")
			}
			states = append(states, s[0])
			if _, err := trainer.Backward(batch, gradient, 0); err != nil {
				t.Fatal(err)
			}
		}
		return states
	}
	opts := Options{Tokens: 64, Dropout: 0.3, Seed: 1}
	var first [][]float32 // the states on the first backend
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		with := run(t, b, opts)
		if slices.Equal(with[0], with[1]) {
			t.Error("another step dropped the same values")
		}
		if first != nil {
			for i := range with {
				for j := range with[i] {
					if math.Abs(float64(with[i][j]-first[i][j])) > 1e-4 {
						t.Fatalf("backends differ: %v and %v", with[i][j], first[i][j])
					}
				}
			}
			return // compiling for XLA takes long
		}
		first = with
		if repeated := run(t, b, opts); !slices.Equal(with[0], repeated[0]) || !slices.Equal(with[1], repeated[1]) {
			t.Error("the same run gave other states")
		}
		reseeded, none := opts, opts
		reseeded.Seed, none.Dropout = 2, 0
		if other := run(t, b, reseeded); slices.Equal(with[0], other[0]) {
			t.Error("another seed dropped the same values")
		}
		without := run(t, b, none)
		if slices.Equal(with[0], without[0]) || !slices.Equal(without[0], without[1]) {
			t.Error("without dropout, states should be others and stay the same")
		}
	})
}

func TestTrainerRefuses(t *testing.T) {
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := small(biogpt.Causal)
	trainer := newTrainer(t, b, cfg, biogpt.InitStructured(cfg, 4), Options{Tokens: 64})
	if trainer.Rows(10) != 2 {
		t.Fatalf("%d rows of 32 tokens in 64", trainer.Rows(10))
	}
	one := sequences(cfg, 4)
	for want, call := range map[string]func() error{
		"a batch holds 2": func() error { _, err := trainer.Forward(sequences(cfg, 3, 3, 3)); return err },
		"positions":       func() error { _, err := trainer.Forward(sequences(cfg, 33)); return err },
		"vocabulary":      func() error { _, err := trainer.Forward([][]int32{{99}}); return err },
		"0 gradients":     func() error { _, err := trainer.Backward(one, nil, 0); return err },
		"3 values":        func() error { _, err := trainer.Backward(one, [][]float32{{1, 2, 3}}, 0); return err },
		"no targets": func() error {
			_, err := trainer.StepLM(0, []Example{{one[0], []int32{-1, -1, -1, -1}}})
			return err
		},
		"2 targets": func() error {
			_, err := trainer.StepLM(0, []Example{{one[0], []int32{-1, -1}}})
			return err
		},
		"target 24": func() error {
			_, err := trainer.LossLM([]Example{{one[0], []int32{24, -1, -1, -1}}})
			return err
		},
		"not finite": func() error {
			_, err := trainer.Backward(one, [][]float32{slices.Repeat([]float32{float32(math.Inf(1))}, 64)}, 0)
			return err
		},
		"hidden_size 16 is no mult": func() error {
			c := cfg
			c.Heads = 3
			_, err := NewTrainer(b, c, biogpt.Params{}, Options{})
			return err
		},
		"has 0 values": func() error { _, err := NewTrainer(b, cfg, biogpt.Params{}, Options{}); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestOneCore trains where the GoMLX backend has the fewest workers: with operations that overlap,
// they would wait for each other.
func TestOneCore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := biogpt.NewConfig(64, 64, 1, 2, 256, 64, biogpt.Bidirectional)
	trainer := newTrainer(t, b, cfg, biogpt.InitStructured(cfg, 1), Options{Tokens: 512})
	batch := sequences(cfg, 60, 64, 50, 40, 33, 64)
	for range 3 {
		states, err := trainer.Forward(batch)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := trainer.Backward(batch, states, 1e-3); err != nil {
			t.Fatal(err)
		}
	}
}
