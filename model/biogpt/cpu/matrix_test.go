package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// filled returns rows of random values; the room between rows holds NaNs.
func filled(rng *rand.Rand, n, width int) *rows {
	var r rows
	r.resize(n, width)
	for i := range r.values {
		r.values[i] = float32(math.NaN())
	}
	for i := range n {
		for j := range width {
			r.row(i)[j] = float32(rng.NormFloat64())
		}
	}
	return &r
}

// TestMultiplyEqualsProduct compares products of any size with those in float64, and with those of
// each row alone, to the bit.
func TestMultiplyEqualsProduct(t *testing.T) {
	for name, k := range map[string]tile{"portable": portableTile, "fast": fastTile()} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			n := rapid.IntRange(1, 50).Draw(t, "n")
			width := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(kBlock-2, kBlock+2),
				rapid.IntRange(2*kBlock-1, 2*kBlock+9)).
				Draw(t, "k")
			height := rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(mBlock-1, mBlock+2)).Draw(t, "m")
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			x, weights := filled(rng, height, width), filled(rng, n, width)
			m := newMatrix(n, width)
			cut := rng.IntN(n + 1)
			var flat []float32
			for i := range n {
				flat = append(flat, weights.row(i)...)
			}
			m.set(0, flat[:cut*width])
			m.set(cut, flat[cut*width:])
			var y, alone rows
			y.resize(height, n)
			for i := range y.values {
				y.values[i] = 1
			}
			split := rng.IntN(m.panels() + 1)
			m.multiply(k, x, &y, split, m.panels())
			m.multiply(k, x, &y, 0, split)
			for i := range height {
				one := rows{1, width, x.stride, x.values[i*x.stride:][:x.stride]}
				alone.resize(1, n)
				for j := range alone.values {
					alone.values[j] = 1
				}
				m.multiply(k, &one, &alone, 0, m.panels())
				if !slices.Equal(y.row(i), alone.row(0)) {
					t.Fatalf("row %d of %d is not what it is alone", i, height)
				}
				for j := i % 5; j < n; j += 5 {
					var want, size float64
					for c, v := range x.row(i) {
						want += float64(v) * float64(weights.row(j)[c])
						size += math.Abs(float64(v) * float64(weights.row(j)[c]))
					}
					if d := math.Abs(1 + want - float64(y.row(i)[j])); !(d <= 1e-6*(1+size)) {
						t.Fatalf(
							"[%d, %d] of [%d, %d] x [%d, %d] is %v, want %v", i, j, height, width, n, width,
							y.row(i)[j], 1+want,
						)
					}
				}
			}
		}))
	}
}

func TestMatrixRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	weights := filled(rng, 35, 300)
	m := newMatrix(35, 300)
	for i := range 35 {
		m.set(i, weights.row(i))
	}
	for i := range 35 {
		out := make([]float32, 300)
		m.addRow(out, i, 2)
		for j, v := range weights.row(i) {
			if out[j] != 2*v {
				t.Fatalf("[%d, %d] is %v, want %v", i, j, out[j], 2*v)
			}
		}
	}
}

// TestTileChecksItsArguments tries the sizes that the assembly would follow out of its slices.
func TestTileChecksItsArguments(t *testing.T) {
	for name, k := range map[string]tile{"portable": portableTile, "fast": fastTile()} {
		values := func(n int) []float32 { return make([]float32, n) }
		for what, call := range map[string]func(){
			"x": func() { k(3, 8, values(23), 8, values(8*lanes), values(3*lanes), lanes, values(1)) },
			"w": func() { k(3, 8, values(24), 8, values(8*lanes-1), values(3*lanes), lanes, values(1)) },
			"y": func() { k(3, 8, values(24), 8, values(8*lanes), values(3*lanes-1), lanes, values(1)) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: a short %s was taken", name, what)
					}
				}()
				call()
			}()
		}
	}
}

func TestParallelDoesEveryTaskOnce(t *testing.T) {
	for threads := 1; threads < 5; threads++ {
		for tasks := range 20 {
			done, workers := make([]int, tasks), make([]int, threads)
			parallel(threads, tasks, func(worker, task int) {
				done[task]++
				workers[worker]++
			})
			for task, n := range done {
				if n != 1 {
					t.Fatalf("%d threads: task %d was done %d times", threads, task, n)
				}
			}
		}
	}
}
