package trunk

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// dropout returns a function that drops each value with the given probability and scales the others
// up. The choice is a hash of the seed, the number of calls before, and the place of the value, and
// so the same on every backend.
func dropout(rate float64, seed *Node) func(x *Node) *Node {
	if rate <= 0 {
		return nil
	}
	applied := uint32(0)
	return func(x *Node) *Node {
		applied++
		g := x.Graph()
		place := Iota(g, shapes.Make(dtypes.Uint32, x.Shape().Size()), 0)
		h := BitwiseXor(MulScalar(place, uint32(0x9e3779b1)), AddScalar(seed, applied*0x85ebca77))
		h = avalanche(h)
		// A float32 has 24 bits of precision.
		uniform := MulScalar(ConvertDType(BitwiseShiftRightLogicalScalar(h, uint32(8)), dtypes.Float32), 1.0/(1<<24))
		keep := GreaterOrEqual(uniform, Scalar(g, dtypes.Float32, rate))
		factor := MulScalar(ConvertDType(keep, dtypes.Float32), 1/(1-rate))
		return Mul(x, Reshape(factor, x.Shape().Dimensions...))
	}
}

// avalanche is the finaliser of MurmurHash3: every bit of the input affects every bit of the
// output.
func avalanche(h *Node) *Node {
	h = BitwiseXor(h, BitwiseShiftRightLogicalScalar(h, uint32(16)))
	h = MulScalar(h, uint32(0x85ebca6b))
	h = BitwiseXor(h, BitwiseShiftRightLogicalScalar(h, uint32(13)))
	h = MulScalar(h, uint32(0xc2b2ae35))
	return BitwiseXor(h, BitwiseShiftRightLogicalScalar(h, uint32(16)))
}

// stepSeed mixes the seed of a run with the number of a step and of a batch in the step (the
// finaliser of SplitMix64).
func stepSeed(seed uint64, step, batch int) uint32 {
	z := seed + 0x9e3779b97f4a7c15*(uint64(step+1)+uint64(batch)<<32)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return uint32(z>>32 ^ z)
}
