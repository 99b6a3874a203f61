package biogpt

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

func TestPack(t *testing.T) {
	got := Pack([][]int32{{2, 7, 8}, {2}}, 3, 4)
	want := Packed{
		IDs:       []int32{2, 7, 8, 1, 2, 1, 1, 1, 1, 1, 1, 1},
		Positions: []int32{2, 3, 4, 1, 2, 1, 1, 1, 1, 1, 1, 1},
		Mask:      []bool{true, true, true, false, true, false, false, false, false, false, false, false},
		Shape:     Shape{3, 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 1100).Draw(t, "limit")
		lengths := rapid.SliceOf(rapid.IntRange(0, limit)).Draw(t, "lengths")
		how := layout{tokens: rapid.IntRange(1, 4096).Draw(t, "tokens"), step: rapid.IntRange(1, 64).Draw(t, "step")}
		seen := make([]int, len(lengths))
		shortest := limit
		for _, b := range plan(lengths, limit, how) {
			if b.Length > limit || b.Size != len(b.rows) || b.Size == 0 || b.Size > 1 && b.Size*b.Length > how.tokens {
				t.Fatalf("batch %+v, limit %d, %+v", b, limit, how)
			}
			if longest := lengths[b.rows[0]]; b.Length-longest >= 2*how.step {
				t.Fatalf("%d tokens at most in a batch of %d, steps of %d", longest, b.Length, how.step)
			}
			for _, row := range b.rows {
				seen[row]++
				if lengths[row] > min(b.Length, shortest) {
					t.Fatalf("%d tokens in a batch of %d, after one of %d tokens", lengths[row], b.Length, shortest)
				}
				shortest = lengths[row]
			}
		}
		for i, n := range lengths {
			if want := min(n, 1); seen[i] != want {
				t.Fatalf("sequence %d of %d tokens stands in %d batches", i, n, seen[i])
			}
		}
	})
}

// TestPlanWastesLittle counts padding and shapes over 40 chunks of 218 abstracts, with lengths as
// those of PubMed's: about 300 tokens, 100 to 600.
func TestPlanWastesLittle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		class   string
		hidden  int
		padding float64
		shapes  int
	}{{device.XLACPU, 1024, 0.04, 50}, {device.XLACPU, 128, 0.08, 60}, {device.CUDA, 1024, 0.12, 40}} {
		seen := map[Shape]bool{}
		var tokens, padded int
		for range 40 {
			var lengths []int
			for range 218 {
				n := max(100, min(600, int(300+90*rng.NormFloat64())))
				lengths, tokens = append(lengths, n), tokens+n
			}
			for _, b := range plan(lengths, 1024, layoutOf(c.class, Config{Hidden: c.hidden})) {
				seen[b.Shape] = true
				padded += b.Size * b.Length
			}
		}
		if share := 1 - float64(tokens)/float64(padded); share > c.padding || len(seen) > c.shapes {
			t.Errorf("%s, width %d: %.3f padding, %d shapes", c.class, c.hidden, share, len(seen))
		} else {
			t.Logf("%s, width %d: %.3f padding, %d shapes", c.class, c.hidden, share, len(seen))
		}
	}
}
