package weights_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

// half is binary16 by its definition: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
func half(bits uint16) float64 {
	sign, exponent, fraction := 1.0, int(bits>>10)&0x1f, float64(bits&0x3ff)/1024
	if bits>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * fraction * math.Pow(2, -14)
	case 0x1f:
		if fraction == 0 {
			return math.Inf(int(sign))
		}
		return math.NaN()
	}
	return sign * (1 + fraction) * math.Pow(2, float64(exponent-15))
}

func TestEveryHalf(t *testing.T) {
	tensor := weights.Tensor{Name: "all", DType: weights.F16, Shape: []int{1 << 16}}
	for i := range 1 << 16 {
		tensor.Data = binary.LittleEndian.AppendUint16(tensor.Data, uint16(i))
	}
	values, err := tensor.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range values {
		want := half(uint16(i))
		if math.IsNaN(want) && math.IsNaN(float64(got)) {
			continue
		}
		if float64(got) != want || math.Signbit(float64(got)) != math.Signbit(want) {
			t.Fatalf("%#04x is %v, want %v", i, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for dtype, want := range map[weights.DType]int{
		weights.F64: 8, weights.I64: 8, weights.U64: 8, weights.F32: 4, weights.I32: 4, weights.U32: 4, weights.F16: 2,
		weights.BF16: 2, weights.I16: 2, weights.U16: 2, weights.I8: 1, weights.U8: 1, weights.Bool: 1, "F7": 0, "": 0,
	} {
		if got := dtype.Size(); got != want {
			t.Errorf("%s has %d bytes, want %d", dtype, got, want)
		}
	}
}

func TestFromFloat32sIsExact(t *testing.T) {
	want := []float32{0, float32(math.Copysign(0, -1)), 1.5, -3e38, 1e-45, float32(math.Inf(-1))}
	tensor := weights.FromFloat32s("a", want, 2, 3)
	got, err := tensor.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Errorf("%v became %v", want[i], got[i])
		}
	}
}

// short is a reader whose file ends sooner than its size said, as when a copy is cut while it is
// read.
type short struct{ data []byte }

func (s short) ReadAt(p []byte, off int64) (int, error) {
	if off > int64(len(s.data)) {
		return 0, fmt.Errorf("nothing at %d", off)
	}
	n := copy(p, s.data[off:])
	if n < len(p) {
		return n, fmt.Errorf("cut at %d", len(s.data))
	}
	return n, nil
}

func TestCutFiles(t *testing.T) {
	whole := file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 4)
	for n := range whole {
		f, err := weights.Open(short{whole[:n]}, int64(len(whole)))
		if err != nil {
			if n >= len(whole)-4 {
				t.Errorf("%d bytes hold the header: %v", n, err)
			}
			continue
		}
		if _, err := f.Tensor("a"); err == nil {
			t.Errorf("a tensor was read from %d of %d bytes", n, len(whole))
		}
		if _, err := f.Float32s("a"); err == nil {
			t.Errorf("floats were read from %d of %d bytes", n, len(whole))
		}
	}
	for n := range whole {
		if _, err := weightstest.Open(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for a file", n, len(whole))
		}
	}
}
