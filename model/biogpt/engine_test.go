package biogpt

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// randomSequences draws sequences of the given lengths that begin with </s>.
func randomSequences(cfg Config, seed uint64, lengths ...int) [][]int32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	sequences := make([][]int32, len(lengths))
	for i, n := range lengths {
		for j := range n {
			id := EndID
			if j > 0 {
				id = int32(4 + rng.IntN(cfg.Vocab-4))
			}
			sequences[i] = append(sequences[i], id)
		}
	}
	return sequences
}

func newEngine(t testing.TB, b *Backend, cfg Config) *Engine {
	t.Helper()
	e, err := NewEngine(b, cfg, InitStructured(cfg, 1))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func encode(t testing.TB, e *Engine, sequences [][]int32) [][]float32 {
	t.Helper()
	states, err := e.Encode(context.Background(), sequences)
	if err != nil {
		t.Fatal(err)
	}
	return states
}

// distance is the largest difference between two slices, infinite when their lengths differ.
func distance(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var most float64
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i])))
	}
	return most
}

// eachEncoder runs a test on each backend that encodes: package cpu, GoMLX, and XLA for the CPU
// where a plugin is found.
func eachEncoder(t *testing.T, test func(t *testing.T, b *Backend)) {
	t.Run(device.CPU, func(t *testing.T) { test(t, device.OpenCPU()) })
	eachBackend(t, test)
}

func TestEncodeDoesNotDependOnCompany(t *testing.T) {
	for _, attention := range []string{Causal, Bidirectional} {
		t.Run(attention, func(t *testing.T) {
			eachEncoder(t, func(t *testing.T, b *Backend) {
				e := newEngine(t, b, NewConfig(64, 64, 1, 2, 96, 64, attention))
				defer e.Close()
				sequences := randomSequences(e.cfg, 3, 40, 1, 33, 0, 12, 64, 32)
				together := encode(t, e, sequences)
				again := encode(t, e, sequences)
				for i, s := range sequences {
					if len(together[i]) != len(s)*e.Dim() {
						t.Fatalf("sequence %d: %d values for %d tokens", i, len(together[i]), len(s))
					}
					if !slices.Equal(together[i], again[i]) {
						t.Errorf("sequence %d: the same call gave other values", i)
					}
					alone := encode(t, e, [][]int32{s})
					if d := distance(alone[0], together[i]); d > 1e-5 {
						t.Errorf("sequence %d (%d tokens): alone and together differ by %g", i, len(s), d)
					}
				}
			})
		})
	}
}

// TestCompanyChangesNoLabel draws sequences and company, and compares the states and the labels
// that a random head gives. Package cpu promises the same bits.
func TestCompanyChangesNoLabel(t *testing.T) {
	const labels, tolerance = 5, 1e-5
	for _, b := range []*Backend{device.OpenCPU(), openGoMLX(t)} {
		e := newEngine(t, b, NewConfig(64, 32, 2, 2, 48, 96, Bidirectional))
		defer e.Close()
		head := InitStructured(NewConfig(labels, e.Dim(), 1, 1, 1, 1, Causal), 7)[TokenTable]
		label := func(state []float32) (best int, margin float64) {
			scores := make([]float64, labels)
			for k := range scores {
				for i, v := range state {
					scores[k] += float64(v * head[k*e.Dim()+i])
				}
			}
			best = slices.Index(scores, slices.Max(scores))
			slices.Sort(scores)
			return best, scores[labels-1] - scores[labels-2]
		}
		rapid.Check(t, func(t *rapid.T) {
			lengths := rapid.SliceOfN(rapid.IntRange(1, 96), 1, 12).Draw(t, "lengths")
			sequences := randomSequences(e.cfg, rapid.Uint64().Draw(t, "seed"), lengths...)
			one := rapid.IntRange(0, len(sequences)-1).Draw(t, "one")
			together, err := e.Encode(context.Background(), sequences)
			if err != nil {
				t.Fatal(err)
			}
			alone, err := e.Encode(context.Background(), sequences[one:one+1])
			if err != nil {
				t.Fatal(err)
			}
			d := distance(alone[0], together[one])
			if d > tolerance || d > 0 && e.kernels != nil {
				t.Fatalf("%s: alone and together differ by %g", e.BackendClass(), d)
			}
			for at := 0; at < len(alone[0]); at += e.Dim() {
				a, margin := label(alone[0][at : at+e.Dim()])
				if c, _ := label(together[one][at : at+e.Dim()]); a != c && margin > 1e-4 {
					t.Fatalf("%s: token %d is labelled %d alone and %d together", e.BackendClass(), at/e.Dim(), a, c)
				}
			}
		})
	}
}

// TestPrecisions compares bfloat16 with float32: layer norm gives states of about 1, and bfloat16
// keeps 8 bits.
func TestPrecisions(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *Backend) {
		cfg := NewConfig(64, 64, 2, 2, 96, 64, Causal)
		sequences := randomSequences(cfg, 3, 40, 33)
		exact := newEngine(t, b, cfg)
		defer exact.Close()
		rounded, err := NewEngineWith(b, cfg, InitStructured(cfg, 1), BFloat16)
		if err != nil {
			t.Fatal(err)
		}
		defer rounded.Close()
		if exact.Precision() != Float32 || rounded.Precision() != BFloat16 {
			t.Errorf("precisions %s and %s", exact.Precision(), rounded.Precision())
		}
		want, got := encode(t, exact, sequences), encode(t, rounded, sequences)
		var squares float64
		var values int
		for i := range want {
			if d := distance(want[i], got[i]); d > 0.15 || d == 0 {
				t.Errorf("sequence %d: bfloat16 differs by %g", i, d)
			}
			for j := range want[i] {
				squares += math.Pow(float64(want[i][j]-got[i][j]), 2)
			}
			values += len(want[i])
		}
		if spread := math.Sqrt(squares / float64(values)); spread > 0.03 {
			t.Errorf("bfloat16 differs by %g on the average", spread)
		}
	})
	if PrecisionOf(device.CUDA) != BFloat16 || PrecisionOf(device.XLACPU) != Float32 ||
		PrecisionOf(device.CPU) != Float32 {
		t.Error("accelerators compute in bfloat16 and processors in float32")
	}
	if _, err := NewEngineWith(device.OpenCPU(), NewConfig(8, 8, 1, 1, 8, 8, ""), nil, BFloat16); err == nil {
		t.Error("the backend cpu took bfloat16")
	}
}

// TestEncodersAgree compares what encodes on one trunk.
func TestEncodersAgree(t *testing.T) {
	cfg := NewConfig(64, 64, 2, 2, 96, 64, Bidirectional)
	sequences := randomSequences(cfg, 3, 40, 0, 33)
	reference := newEngine(t, device.OpenCPU(), cfg)
	want := encode(t, reference, sequences)
	eachEncoder(t, func(t *testing.T, b *Backend) {
		e := newEngine(t, b, cfg)
		defer e.Close()
		for i, states := range encode(t, e, sequences) {
			if d := distance(want[i], states); d > 1e-5 {
				t.Errorf("%s: sequence %d differs by %g", e.BackendClass(), i, d)
			}
		}
	})
}

func openGoMLX(t testing.TB) *Backend {
	t.Helper()
	b, err := OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAttentionSeesWhatItShould(t *testing.T) {
	b := openGoMLX(t)
	for _, attention := range []string{"", Causal, Bidirectional} {
		e := newEngine(t, b, NewConfig(64, 64, 2, 2, 96, 64, attention))
		s := randomSequences(e.cfg, 5, 20)[0]
		changed := slices.Clone(s)
		changed[15]++
		a, c := encode(t, e, [][]int32{s})[0], encode(t, e, [][]int32{changed})[0]
		before := distance(a[:15*e.Dim()], c[:15*e.Dim()])
		if sees := before > 1e-6; sees != (attention == Bidirectional) {
			t.Errorf("attention %q: a later token moves earlier states by %g", attention, before)
		}
		e.Close()
	}
}

func TestEncodeRefuses(t *testing.T) {
	b := openGoMLX(t)
	e := newEngine(t, b, NewConfig(64, 32, 1, 1, 32, 16, Causal))
	for name, sequence := range map[string][]int32{"positions": make([]int32, 17), "id 64": {2, 64}, "id -1": {-1}} {
		if _, err := e.Encode(context.Background(), [][]int32{{2}, sequence}); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Encode(ctx, [][]int32{{2}}); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
	if states := encode(t, e, nil); len(states) != 0 {
		t.Errorf("no sequences gave %d", len(states))
	}
	params := InitStructured(e.cfg, 1)
	delete(params, TokenTable)
	if _, err := NewEngine(b, e.cfg, params); err == nil {
		t.Error("a missing parameter went unnoticed")
	}
}

func ExampleBucket() {
	for _, n := range []int{1, 32, 33, 250, 700, 1024, 1100} {
		fmt.Print(Bucket(n, 2048), " ")
	}
	fmt.Println(Bucket(250, 200))
	// Output: 32 32 64 256 768 1024 1536 200
}
