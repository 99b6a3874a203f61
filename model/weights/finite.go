package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrNotFinite means that a tensor holds an infinity or NaN. With one, all scores of a model may be
// NaN, and all its tables empty.
var ErrNotFinite = errors.New("the weights are damaged, or their training diverged: get or train the model again")

// exponents returns the bits of the exponents in eight bytes of elements of a type that has
// infinities. Where all of an element are set, adding its lowest one carries into the sign.
func (d DType) exponents() (all, lowest uint64, ok bool) {
	switch d {
	case F64:
		return 0x7ff0_0000_0000_0000, 0x0010_0000_0000_0000, true
	case F32:
		return 0x7f80_0000_7f80_0000, 0x0080_0000_0080_0000, true
	case F16:
		return 0x7c00_7c00_7c00_7c00, 0x0400_0400_0400_0400, true
	case BF16:
		return 0x7f80_7f80_7f80_7f80, 0x0080_0080_0080_0080, true
	}
	return 0, 0, false
}

// finite reports whether no element is an infinity or NaN. It looks at eight bytes at once, and so
// costs little beside reading them.
func (d DType) finite(elements []byte) bool {
	all, lowest, ok := d.exponents()
	if !ok {
		return true
	}
	var sum uint64
	for ; len(elements) >= 16; elements = elements[16:] {
		sum |= binary.LittleEndian.Uint64(elements)&all + lowest
		sum |= binary.LittleEndian.Uint64(elements[8:])&all + lowest
	}
	var last [16]byte
	copy(last[:], elements)
	sum |= binary.LittleEndian.Uint64(last[:])&all + lowest
	sum |= binary.LittleEndian.Uint64(last[8:])&all + lowest
	return sum&(all+lowest)&^all == 0
}

// checkFinite returns an error that names the first element that is an infinity or NaN. The block
// begins with element number first, row by row.
func (l Location) checkFinite(block []byte, first int64) error {
	if l.DType.finite(block) {
		return nil
	}
	size := l.DType.Size()
	for i := 0; i < len(block); i += size {
		if !l.DType.finite(block[i : i+size]) {
			index := indexOf(l.Shape, first+int64(i/size))
			return fmt.Errorf("%v at index %v: %w", l.DType.value(block[i:]), index, ErrNotFinite)
		}
	}
	return nil
}

// value returns the first element of a type that has infinities.
func (d DType) value(elements []byte) float64 {
	if d == F64 {
		return math.Float64frombits(binary.LittleEndian.Uint64(elements))
	}
	var value [1]float32
	d.convert(value[:], elements)
	return float64(value[0])
}

// indexOf returns the index of the element with the given number, row by row.
func indexOf(shape []int, number int64) []int {
	index := make([]int, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		index[d] = int(number % int64(shape[d]))
		number /= int64(shape[d])
	}
	return index
}
