package biogpt

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

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

func TestEncodeDoesNotDependOnCompany(t *testing.T) {
	for _, attention := range []string{Causal, Bidirectional} {
		t.Run(attention, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, b *Backend) {
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

func TestAttentionSeesWhatItShould(t *testing.T) {
	b, err := OpenBackend(device.Go)
	if err != nil {
		t.Fatal(err)
	}
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
	b, err := OpenBackend(device.Go)
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, b, NewConfig(64, 32, 1, 1, 32, 16, Causal))
	for name, sequence := range map[string][]int32{"positions": make([]int32, 17), "id 64": {2, 64}, "id -1": {-1}} {
		if _, err := e.Encode(context.Background(), [][]int32{{2}, sequence}); err == nil || !strings.Contains(err.Error(), name) {
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
