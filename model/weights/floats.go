package weights

import (
	"fmt"
	"slices"
)

// Float32s reads one tensor of a floating point type.
func (f *File) Float32s(name string) ([]float32, error) {
	l, ok := f.Locate(name)
	if !ok {
		return nil, fmt.Errorf("safetensors: no tensor %.200q", name)
	}
	values, err := l.AppendFloat32s(nil)
	if err != nil {
		return nil, fmt.Errorf("safetensors: tensor %.200q: %w", name, err)
	}
	return values, nil
}

// AppendFloat32s appends to values the elements of a tensor of a floating point type and of the
// given shape. It needs no other memory that grows with the tensor.
func (f *File) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	l, ok := f.Locate(name)
	return appendChecked(l, ok, values, name, shape)
}

// Set holds the locations of tensors by name.
type Set map[string]Location

// AppendFloat32s works like that of File.
func (s Set) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	l, ok := s[name]
	return appendChecked(l, ok, values, name, shape)
}

// appendChecked appends the elements of a tensor, and returns an error if it is missing or has
// another shape.
func appendChecked(l Location, ok bool, values []float32, name string, shape []int) ([]float32, error) {
	if !ok {
		return values, fmt.Errorf("tensor %.200q is missing", name)
	}
	if !slices.Equal(l.Shape, shape) {
		return values, fmt.Errorf("tensor %.200q has shape %v, the config asks for %v", name, l.Shape, shape)
	}
	values, err := l.AppendFloat32s(values)
	if err != nil {
		return values, fmt.Errorf("tensor %.200q: %w", name, err)
	}
	return values, nil
}
