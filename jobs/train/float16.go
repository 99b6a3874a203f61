package train

import (
	"encoding/binary"
	"math"

	"github.com/pubmine/pubmine/model/weights"
)

// toFloat16 converts an F32 tensor to F16, with a relative error of at most 2^-11.
func toFloat16(t weights.Tensor) weights.Tensor {
	out := make([]byte, len(t.Data)/2)
	for i := range len(out) / 2 {
		x := math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
		binary.LittleEndian.PutUint16(out[2*i:], float16Bits(x))
	}
	return weights.Tensor{Name: t.Name, DType: weights.F16, Shape: t.Shape, Data: out}
}

// float16Bits rounds to the nearest IEEE 754 binary16 value, ties to even. Values that are too
// large become infinite.
func float16Bits(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	size := math.Abs(float64(x))
	switch {
	case math.IsNaN(size):
		return sign | 0x7e00
	case size >= 65520:
		return sign | 0x7c00
	case size < 1.0/(1<<14): // subnormal, or rounds up to the smallest normal number
		return sign | uint16(math.RoundToEven(size*(1<<24)))
	}
	rest := bits & 0x7fffffff
	rest += 0xfff + rest>>13&1 // round: may carry into the exponent, as it should
	return sign | uint16((rest-(127-15)<<23)>>13)
}
