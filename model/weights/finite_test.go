package weights_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights"
)

// put appends an element of a type.
func put(data []byte, dtype weights.DType, v float64) []byte {
	bits := math.Float32bits(float32(v))
	switch dtype {
	case weights.F64:
		return binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	case weights.F32:
		return binary.LittleEndian.AppendUint32(data, bits)
	case weights.BF16:
		return binary.LittleEndian.AppendUint16(data, uint16(bits>>16))
	}
	sign, exponent, fraction := bits>>31, int(bits>>23&0xff)-127+15, bits>>13&0x3ff
	switch {
	case bits>>23&0xff == 0xff:
		exponent = 0x1f
	case exponent <= 0:
		exponent, fraction = 0, 0
	}
	return binary.LittleEndian.AppendUint16(data, uint16(sign<<15|uint32(exponent)<<10|fraction))
}

// An element that is not finite is found in every type and place, and named by its index; the
// largest finite elements are not mistaken for one.
func TestNotFinite(t *testing.T) {
	dtypes := []weights.DType{weights.F64, weights.F32, weights.F16, weights.BF16}
	bad := []float64{math.Inf(1), math.Inf(-1), math.NaN()}
	rapid.Check(t, func(t *rapid.T) {
		dtype := rapid.SampledFrom(dtypes).Draw(t, "dtype")
		rows, columns := rapid.IntRange(1, 200).Draw(t, "rows"), rapid.IntRange(1, 200).Draw(t, "columns")
		largest := map[weights.DType]float64{weights.F16: 65_504}[dtype]
		if largest == 0 {
			largest = math.Float64frombits(0x47ef_e000_0000_0000) // of BF16
		}
		at := rapid.IntRange(-1, rows*columns-1).Draw(t, "at")
		value := rapid.SampledFrom(bad).Draw(t, "value")
		tensor := weights.Tensor{Name: "a", DType: dtype, Shape: []int{rows, columns}}
		for i := range rows * columns {
			v := largest * float64(1-i%2*2)
			if i == at {
				v = value
			}
			tensor.Data = put(tensor.Data, dtype, v)
		}
		l := weights.Location{Reader: bytes.NewReader(tensor.Data), DType: dtype, Shape: tensor.Shape}
		errs := []error{l.Copy(&bytes.Buffer{}), weights.Write(&bytes.Buffer{}, []weights.Tensor{tensor}, nil)}
		if dtype != weights.F64 {
			_, err := weights.Set{"a": l}.AppendFloat32s(nil, "a", tensor.Shape)
			errs = append(errs, err)
		}
		for _, err := range errs {
			if at < 0 && err != nil {
				t.Fatalf("finite elements are refused: %v", err)
			}
			want := fmt.Sprintf("%v at index [%d %d]", value, at/columns, at%columns)
			if at >= 0 && (!errors.Is(err, weights.ErrNotFinite) || !strings.Contains(err.Error(), want)) {
				t.Fatalf("%v, want %s", err, want)
			}
		}
	})
}

// The index of a strided tensor is that of the tensor, not of the file.
func TestNotFiniteStrided(t *testing.T) {
	var data []byte
	for i := range 6 {
		v := float64(i)
		if i == 4 {
			v = math.NaN()
		}
		data = put(data, weights.F32, v)
	}
	l := weights.Location{
		Reader: bytes.NewReader(data), DType: weights.F32, Shape: []int{3, 2}, Strides: []int{1, 3},
	}
	if _, err := l.AppendFloat32s(nil); err == nil || !strings.Contains(err.Error(), "NaN at index [1 1]") {
		t.Error(err)
	}
}

func BenchmarkAppendFloat32s(b *testing.B) {
	for _, dtype := range []weights.DType{weights.F32, weights.F16, weights.BF16} {
		b.Run(string(dtype), func(b *testing.B) {
			l := weights.Location{
				Reader: bytes.NewReader(make([]byte, 16<<20)), DType: dtype, Shape: []int{16 << 20 / dtype.Size()},
			}
			b.SetBytes(l.Bytes())
			var values []float32
			for b.Loop() {
				values, _ = l.AppendFloat32s(values[:0])
			}
		})
	}
}
