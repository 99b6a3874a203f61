package trees

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model/weights"
)

// Tensors returns the forest as tensors whose names begin with prefix.
func (f *Forest) Tensors(prefix string) []weights.Tensor {
	n, inner := f.Trees(), 1<<f.Depth-1
	features := make([]byte, 4*len(f.Feature))
	for i, c := range f.Feature {
		binary.LittleEndian.PutUint32(features[4*i:], uint32(c))
	}
	return []weights.Tensor{
		{Name: prefix + "feature", DType: weights.I32, Shape: []int{n, inner}, Data: features},
		weights.FromFloat32s(prefix+"threshold", f.Threshold, n, inner),
		weights.FromFloat32s(prefix+"leaf", f.Leaf, n, inner+1),
		weights.FromFloat32s(prefix+"prior", []float32{f.Prior, float32(f.Columns)}, 2),
	}
}

// Has reports whether a file holds a forest whose tensors' names begin with prefix.
func Has(file *weights.File, prefix string) bool {
	_, ok := file.Shape(prefix + "leaf")
	return ok
}

// Read reads the forest whose tensors' names begin with prefix, and checks it.
func Read(file *weights.File, prefix string) (*Forest, error) {
	f, err := read(file, prefix)
	if err == nil {
		err = f.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("trees %s: %w", prefix, err)
	}
	return f, nil
}

func read(file *weights.File, prefix string) (*Forest, error) {
	features, err := file.Tensor(prefix + "feature")
	if err != nil {
		return nil, err
	}
	if features.DType != weights.I32 {
		return nil, fmt.Errorf("columns of type %s instead of I32", features.DType)
	}
	f := &Forest{Feature: make([]int32, len(features.Data)/4)}
	for i := range f.Feature {
		f.Feature[i] = int32(binary.LittleEndian.Uint32(features.Data[4*i:]))
	}
	if f.Threshold, err = file.Float32s(prefix + "threshold"); err != nil {
		return nil, err
	}
	if f.Leaf, err = file.Float32s(prefix + "leaf"); err != nil {
		return nil, err
	}
	prior, err := file.Float32s(prefix + "prior")
	if err != nil {
		return nil, err
	}
	shape, _ := file.Shape(prefix + "leaf")
	if len(shape) != 2 || len(prior) != 2 || !(prior[1] >= 1 && prior[1] <= math.MaxInt16) {
		return nil, fmt.Errorf("leaves of shape %v and a prior of %v", shape, prior)
	}
	f.Prior, f.Columns = prior[0], int(prior[1])
	for 1<<f.Depth < shape[1] {
		f.Depth++
	}
	return f, nil
}
