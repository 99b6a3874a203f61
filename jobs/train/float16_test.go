package train

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights"
)

func back(t interface{ Fatal(...any) }, x float32) float32 {
	values, err := toFloat16(weights.FromFloat32s("x", []float32{x}, 1)).Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return values[0]
}

func TestFloat16(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct{ x, want float32 }{
		{0, 0}, {1, 1}, {-2.5, -2.5}, {65504, 65504}, {65519, 65504}, {65520, inf}, {-1e9, -inf},
		{1 + 1.0/2048, 1}, {1 + 3.0/2048, 1 + 1.0/512}, {2047.5 / 1024, 2}, // ties go to even, and carry
		{1.0 / (1 << 24), 1.0 / (1 << 24)}, {1.0 / (1 << 26), 0}, {1023.6 / (1 << 24), 1.0 / (1 << 14)},
	} {
		if got := back(t, c.x); got != c.want {
			t.Errorf("%v becomes %v, want %v", c.x, got, c.want)
		}
	}
	if x := back(t, float32(math.NaN())); x == x {
		t.Errorf("NaN becomes %v", x)
	}
}

func TestFloat16Error(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float32Range(-60000, 60000).Draw(t, "x")
		got := back(t, x)
		if d := math.Abs(float64(got - x)); d > max(math.Abs(float64(x))/2048, 1.0/(1<<25)) {
			t.Fatalf("%v becomes %v", x, got)
		}
		if back(t, got) != got {
			t.Fatalf("%v changes again", got)
		}
	})
}
