package weights

import (
	"fmt"
	"io"
	"slices"
)

// blockSize is how many bytes of a tensor are read at once.
const blockSize = 1 << 18

// Float32s reads one tensor of a floating point type.
func (f *File) Float32s(name string) ([]float32, error) {
	shape, ok := f.Shape(name)
	if !ok {
		return nil, fmt.Errorf("safetensors: no tensor %q", name)
	}
	return f.AppendFloat32s(nil, name, shape)
}

// AppendFloat32s appends to values the elements of a tensor of a floating point type and of the given shape. Beside values it needs no
// memory that grows with the tensor.
func (f *File) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	e, ok := f.tensors[name]
	if !ok {
		return values, fmt.Errorf("tensor %q is missing", name)
	}
	if !slices.Equal(e.shape, shape) {
		return values, fmt.Errorf("tensor %q has shape %v, the config asks for %v", name, e.shape, shape)
	}
	if err := e.dtype.floats(); err != nil {
		return values, fmt.Errorf("tensor %q: %w", name, err)
	}
	n, had := int(e.end-e.start)/e.dtype.Size(), len(values)
	values = slices.Grow(values, n)[:had+n]
	if err := readFloat32s(f.r, e.start, e.dtype, values[had:]); err != nil {
		return values[:had], fmt.Errorf("tensor %q: %w", name, err)
	}
	return values, nil
}

// readFloat32s fills values with the elements that stand in r from the byte at on; their type passed floats.
func readFloat32s(r io.ReaderAt, at int64, dtype DType, values []float32) error {
	size := dtype.Size()
	block := make([]byte, min(blockSize, len(values)*size))
	for len(values) > 0 {
		n := min(len(values), len(block)/size)
		if read, err := r.ReadAt(block[:n*size], at); read < n*size {
			return err
		}
		dtype.convert(values[:n], block)
		values, at = values[n:], at+int64(n*size)
	}
	return nil
}
