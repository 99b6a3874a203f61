package biogpt

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Precision is the type of the operands of products. Everything else (sums, norms, softmax, gelu,
// residuals) is always float32.
type Precision string

// The precisions. BFloat16 changes a state of the reference's size, about 1, by about 0.02; Float32
// by less than 1e-4.
const (
	Float32  Precision = "float32"
	BFloat16 Precision = "bfloat16"
)

// PrecisionOf returns the default precision of a class of backend: bfloat16 on accelerators, and
// float32 on CPUs, most of which have no unit for bfloat16 (without one it is six times slower;
// reference peers.md, "Surprises").
func PrecisionOf(class string) Precision {
	if class == device.CUDA {
		return BFloat16
	}
	return Float32
}

// Independent reports whether on a class of backend the states and logits of a text are the same to
// the last bit whatever is computed with it. On others, batches change the last bits.
func Independent(class string) bool { return class == device.CPU }

// rounds reports whether a parameter is stored in the precision: tables and the weights of products
// are; biases and norms stay float32.
func (p Precision) rounds(s Spec) bool { return p == BFloat16 && len(s.Shape) == 2 }

// inputs describes parameters of this precision as inputs of a program.
func (p Precision) inputs(specs []Spec) []shapes.Shape {
	var list []shapes.Shape
	for _, s := range specs {
		dtype := dtypes.Float32
		if p.rounds(s) {
			dtype = dtypes.BFloat16
		}
		list = append(list, shapes.Make(dtype, s.Shape...))
	}
	return list
}
