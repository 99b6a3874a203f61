package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func eachVectors(t *testing.T, test func(t *testing.T, v vectors)) {
	eachKernels(t, func(t *testing.T, k kernels) { test(t, k.vectors) })
}

// within reports whether got is at most far from want, or a 1e-6th of it.
func within(want float64, got float32, far float64) bool {
	return math.Abs(want-float64(got)) <= max(far, 1e-6*math.Abs(want))
}

func TestGelu(t *testing.T) {
	eachVectors(t, func(t *testing.T, v vectors) {
		x := make([]float32, 1<<17)
		for i := range x {
			x[i] = float32(i-1<<16) / (1 << 12) // -16 to 16
		}
		copy(x, []float32{0, -1e-30, 1e-30, 1e30, -1e30, math.MaxFloat32, -math.MaxFloat32, 100, -100, -13.1, -13.2})
		got := slices.Clone(x)
		v.gelu(got)
		for i, x := range x {
			if want := 0.5 * float64(x) * math.Erfc(-float64(x)/math.Sqrt2); !within(want, got[i], 2e-7) {
				t.Fatalf("gelu(%v) is %v, want %v", x, got[i], want)
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	eachVectors(t, func(t *testing.T, v vectors) {
		rng := rand.New(rand.NewPCG(1, 1))
		for seen := 1; seen <= 70; seen++ {
			for _, spread := range []float64{0, 1, 30, 1e4} {
				scores := make([]float32, padded(seen)+lanes*rng.IntN(2))
				for i := range scores {
					scores[i] = float32(spread * rng.NormFloat64())
				}
				if seen < len(scores) {
					scores[seen] = float32(math.NaN()) // what is not seen does not matter
				}
				const scale = 0.25
				most, sum := float64(slices.Max(scores[:seen])), 0.0
				for _, s := range scores[:seen] {
					sum += math.Exp(scale * (float64(s) - most))
				}
				got := slices.Clone(scores)
				v.softmax(got, seen, scale)
				for i, s := range scores {
					want := 0.0
					if i < seen {
						want = math.Exp(scale*(float64(s)-most)) / sum
					}
					if !within(want, got[i], 1e-6) {
						t.Fatalf("weight %d of %d at spread %v is %v, want %v", i, seen, spread, got[i], want)
					}
				}
			}
		}
	})
}

func TestNorm(t *testing.T) {
	eachVectors(t, func(t *testing.T, v vectors) {
		rng := rand.New(rand.NewPCG(2, 2))
		for n := 1; n < 50; n++ {
			x, weight, bias, out := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], weight[i], bias[i] = float32(
					5+rng.NormFloat64(),
				), float32(
					rng.NormFloat64(),
				), float32(
					rng.NormFloat64(),
				)
			}
			var mean, variance float64
			for _, v := range x {
				mean += float64(v) / float64(n)
			}
			for _, v := range x {
				variance += (float64(v) - mean) * (float64(v) - mean) / float64(n)
			}
			v.norm(out, x, weight, bias)
			for i, v := range x {
				want := (float64(v)-mean)/math.Sqrt(variance+1e-5)*float64(weight[i]) + float64(bias[i])
				if !within(want, out[i], 2e-5) {
					t.Fatalf("value %d of %d is %v, want %v", i, n, out[i], want)
				}
			}
		}
	})
}

func BenchmarkVectors(b *testing.B) {
	v, x, ones := fastVectors(), make([]float32, 1024), make([]float32, 1024)
	for name, f := range map[string]func(){
		"gelu":    func() { v.gelu(x) },
		"softmax": func() { v.softmax(x, 1000, 1) },
		"norm":    func() { v.norm(x, x, ones, ones) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/value")
		})
	}
}
