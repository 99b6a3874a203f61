// Package weights reads and writes the tensors of a model.
//
// The format is safetensors (https://huggingface.co/docs/safetensors, "Format"): eight bytes,
// little endian, with the length of a header; the header, a JSON object that maps each tensor's
// name to its dtype, shape and the half-open range of its bytes counted from the end of the header,
// and "__metadata__", when present, to an object of strings; then the bytes, row-major and little
// endian.
//
// Reading is strict, because a model file comes from elsewhere: the header is at most MaxHeader
// bytes of valid UTF-8, no key occurs twice, every range lies in the file and holds exactly the
// bytes that dtype and shape ask for, and the ranges cover the data without gap or overlap. What
// breaks a rule is an error that names the tensor. Nothing is allocated before the sizes are
// checked, and tensor data is read only when asked for. Tensors with infinities or NaN are neither
// read as numbers nor written.
//
// Writing is deterministic: tensors in order of falling element size and then of name (the order of
// the reference implementation, which keeps every tensor aligned to its element), the header padded
// with spaces to a multiple of eight bytes.
package weights

import (
	"encoding/binary"
	"fmt"
	"math"
)

// MaxHeader is the length in bytes beyond which a header is refused. The reference implementation
// takes 100 MB, which can be made to take gigabytes of memory and a minute; the header of the
// largest published BioGPT has 0.1 MB.
const MaxHeader = 2 << 20

// maxDimensions is how many a tensor may have.
const maxDimensions = 64

// DType names the type of a tensor's elements as safetensors spells it.
type DType string

// The element types that this package knows. Float32s converts the floating point types of at most
// 32 bits.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// Size returns the bytes of one element, or 0 for a type that this package does not know.
func (d DType) Size() int {
	switch d {
	case F64, I64, U64:
		return 8
	case F32, I32, U32:
		return 4
	case F16, BF16, I16, U16:
		return 2
	case I8, U8, Bool:
		return 1
	}
	return 0
}

// Tensor is a named array: Data holds its elements row by row, little endian.
type Tensor struct {
	Name  string
	DType DType
	Shape []int // no dimensions: one element
	Data  []byte
}

// FromFloat32s makes an F32 tensor that holds a copy of values.
func FromFloat32s(name string, values []float32, shape ...int) Tensor {
	data := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return Tensor{Name: name, DType: F32, Shape: shape, Data: data}
}

// Float32s returns the elements of an F32, F16 or BF16 tensor as float32, which holds each of them
// exactly.
func (t Tensor) Float32s() ([]float32, error) {
	if err := t.DType.floats(); err != nil {
		return nil, fmt.Errorf("tensor %.200q: %w", t.Name, err)
	}
	values := make([]float32, len(t.Data)/t.DType.Size())
	t.DType.convert(values, t.Data)
	return values, nil
}

// floats reports that elements of the type are not turned into float32, if so it is.
func (d DType) floats() error {
	if d != F32 && d != F16 && d != BF16 {
		return fmt.Errorf("dtype %s is not F32, F16 or BF16", d)
	}
	return nil
}

// convert fills values with elements of a type that passed floats.
func (d DType) convert(values []float32, data []byte) {
	switch d {
	case F32:
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
	case F16:
		for i := range values {
			values[i] = halfToFloat32(binary.LittleEndian.Uint16(data[2*i:]))
		}
	case BF16:
		for i := range values {
			values[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[2*i:])) << 16)
		}
	}
}

// halfToFloat32 widens an IEEE 754 binary16 value.
func halfToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h) & 0x3ff
	switch exponent {
	case 0: // zero, or subnormal: fraction * 2^-24
		value := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(value))
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// byteLen returns the bytes that dtype and shape ask for, or an error when they exceed limit.
func byteLen(d DType, shape []int, limit int64) (int64, error) {
	if d.Size() == 0 {
		return 0, fmt.Errorf("unknown dtype %.200q", d)
	}
	n := int64(d.Size())
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if dim == 0 {
			return 0, nil
		}
	}
	for _, dim := range shape {
		if int64(dim) > limit/n {
			return 0, fmt.Errorf("%s of shape %v needs more than the %d bytes that are there", d, shape, limit)
		}
		n *= int64(dim)
	}
	return n, nil
}
