package weights

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// blockSize is the number of bytes of a tensor that are read at once.
const blockSize = 1 << 15

// Location is the place of the elements of a tensor in a reader.
type Location struct {
	Reader  io.ReaderAt
	Offset  int64 // of the first element, in bytes
	DType   DType
	Shape   []int
	Strides []int // of each dimension, in elements; nil: row by row without gaps
}

// Bytes returns the size of the elements. Check verifies that the product does not overflow.
func (l Location) Bytes() int64 {
	n := int64(l.DType.Size())
	for _, d := range l.Shape {
		n *= int64(d)
	}
	return n
}

// Check returns an error if the tensor of the dtype, shape and strides does not lie within the size
// bytes of the reader from start on, or has more elements than these bytes, as with an element that
// is repeated by strides of zero.
func (l Location) Check(start, size int64) error {
	need, err := byteLen(l.DType, l.Shape, size)
	if err != nil {
		return err
	}
	if l.Strides != nil && len(l.Strides) != len(l.Shape) {
		return fmt.Errorf("%d strides for %d dimensions", len(l.Strides), len(l.Shape))
	}
	if l.Offset < start || l.Offset-start > size {
		return fmt.Errorf("it begins at byte %d of %d", l.Offset-start, size)
	}
	room := (size - (l.Offset - start)) / max(1, int64(l.DType.Size()))
	if need == 0 {
		return nil
	}
	if l.Strides == nil {
		if need > room*int64(l.DType.Size()) {
			return fmt.Errorf(
				"%s of shape %v needs %d bytes, there are %d", l.DType, l.Shape, need, size-(l.Offset-start),
			)
		}
		return nil
	}
	last := int64(0) // the offset of the last element
	for i, stride := range l.Strides {
		steps := int64(l.Shape[i] - 1)
		if stride < 0 || steps > 0 && int64(stride) > (math.MaxInt64-last)/steps {
			return fmt.Errorf("stride %d", stride)
		}
		last += steps * int64(stride)
	}
	if last >= room {
		return fmt.Errorf("shape %v with strides %v reaches element %d of %d", l.Shape, l.Strides, last, room)
	}
	return nil
}

// AppendFloat32s appends the elements, row by row, of a tensor of type F32, F16 or BF16. An element
// that is not finite is an ErrNotFinite.
func (l Location) AppendFloat32s(values []float32) ([]float32, error) {
	if err := l.DType.floats(); err != nil {
		return values, err
	}
	had, size := len(values), l.DType.Size()
	n := int(l.Bytes()) / size
	values = slices.Grow(values, n)[:had+n]
	rest := values[had:]
	err := l.blocks(func(block []byte) error {
		n := len(block) / size
		l.DType.convert(rest[:n], block)
		rest = rest[n:]
		return nil
	})
	if err != nil {
		return values[:had], err
	}
	return values, nil
}

// Copy writes the elements row by row, little endian, without conversion. A floating point element
// that is not finite is an ErrNotFinite.
func (l Location) Copy(w io.Writer) error {
	return l.blocks(func(block []byte) error {
		_, err := w.Write(block)
		return err
	})
}

// blocks calls do with the elements' bytes, row by row, in whole elements. An element that is not
// finite is an error.
func (l Location) blocks(do func(block []byte) error) error {
	total, size := l.Bytes(), int64(l.DType.Size())
	if total == 0 {
		return nil
	}
	outer, run := l.runs()
	block := make([]byte, min(blockSize, run*size))
	at := make([]int, outer)
	passed := int64(0)
	for {
		place := l.Offset
		for d, i := range at {
			place += int64(i) * int64(l.Strides[d]) * size
		}
		for left := run * size; left > 0; {
			part := block[:min(left, int64(len(block)))]
			if n, err := l.Reader.ReadAt(part, place); n < len(part) {
				return noEOF(err)
			}
			if err := l.checkFinite(part, passed); err != nil {
				return err
			}
			if err := do(part); err != nil {
				return err
			}
			passed += int64(len(part)) / size
			left, place = left-int64(len(part)), place+int64(len(part))
		}
		d := outer - 1
		for ; d >= 0; d-- {
			if at[d]++; at[d] < l.Shape[d] {
				break
			}
			at[d] = 0
		}
		if d < 0 {
			return nil
		}
	}
}

// runs returns the number of leading dimensions that are strided, and the number of contiguous
// elements in the others.
func (l Location) runs() (outer int, run int64) {
	run = 1
	for outer = len(l.Shape); outer > 0; outer-- {
		if l.Strides != nil && l.Shape[outer-1] != 1 && int64(l.Strides[outer-1]) != run {
			break
		}
		run *= int64(l.Shape[outer-1])
	}
	return outer, run
}

// noEOF is the error of a file that ends too soon.
func noEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
