package weights_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

// counted is a location of bytes 0, 1, 2, …
func counted(n int, shape, strides []int) weights.Location {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i)
	}
	return weights.Location{Reader: bytes.NewReader(data), DType: weights.U8, Shape: shape, Strides: strides}
}

func TestCopyGoesRowByRow(t *testing.T) {
	for _, c := range []struct {
		shape, strides []int
		offset         int64
		want           []byte
	}{
		{nil, nil, 0, []byte{0}},
		{[]int{2, 3}, nil, 1, []byte{1, 2, 3, 4, 5, 6}},
		{[]int{2, 3}, []int{3, 1}, 0, []byte{0, 1, 2, 3, 4, 5}},
		{[]int{3, 2}, []int{1, 3}, 0, []byte{0, 3, 1, 4, 2, 5}},
		{[]int{2, 2}, []int{4, 1}, 1, []byte{1, 2, 5, 6}},
		{[]int{2, 1, 2}, []int{4, 9, 1}, 0, []byte{0, 1, 4, 5}},
		{[]int{2, 2}, []int{0, 1}, 0, []byte{0, 1, 0, 1}},
		{[]int{2, 0}, []int{1, 1}, 0, nil},
	} {
		l := counted(12, c.shape, c.strides)
		l.Offset = c.offset
		if err := l.Check(0, 12); err != nil {
			t.Errorf("%v %v: %v", c.shape, c.strides, err)
		}
		var b bytes.Buffer
		if err := l.Copy(&b); err != nil || !bytes.Equal(b.Bytes(), c.want) {
			t.Errorf("%v %v: %v, %v, want %v", c.shape, c.strides, b.Bytes(), err, c.want)
		}
	}
}

// TestCheckedLocationsAreRead draws locations that may be anything: what Check lets pass is read,
// and within the data.
func TestCheckedLocationsAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{0, 1, 2, 3, 5, 1 << 20, math.MaxInt64})
		shape := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(-1, 4), size), 0, 4).Draw(t, "shape")
		var strides []int
		if rapid.Bool().Draw(t, "strided") {
			strides = rapid.SliceOfN(rapid.OneOf(rapid.IntRange(-1, 8), size), len(shape), len(shape)).
				Draw(t, "strides")
		}
		l := counted(24, shape, strides)
		l.DType = rapid.SampledFrom([]weights.DType{weights.U8, weights.F16, weights.F32, "F7"}).Draw(t, "dtype")
		l.Offset = int64(rapid.OneOf(rapid.IntRange(-1, 25), size).Draw(t, "offset"))
		if l.Check(4, 20) != nil {
			return
		}
		if l.Offset < 4 || l.Bytes() > 20 {
			t.Fatalf("%v passed", l)
		}
		var b bytes.Buffer
		if err := l.Copy(&b); err != nil || int64(b.Len()) != l.Bytes() {
			t.Fatalf("%d of %d bytes: %v", b.Len(), l.Bytes(), err)
		}
		for _, v := range b.Bytes() {
			if v < 4 {
				t.Fatalf("byte %d was read, which is before the data", v)
			}
		}
	})
}

func TestAppendFloat32s(t *testing.T) {
	want := make([]float32, 200_000) // more than a block
	for i := range want {
		want[i] = float32(i)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, []weights.Tensor{weights.FromFloat32s("a", want, 400, 500),
		{Name: "b", DType: weights.I8, Shape: []int{0}}}, nil); err != nil {
		t.Fatal(err)
	}
	f, closeFile, err := weights.OpenFS(fstest.MapFS{"x": {Data: b.Bytes()}}, "x")
	if err != nil {
		t.Fatal(err)
	}
	defer closeFile()
	buffer := make([]float32, 1, 1+len(want))
	got, err := f.AppendFloat32s(buffer, "a", []int{400, 500})
	if err != nil || !slices.Equal(got[1:], want) || &got[0] != &buffer[0] {
		t.Errorf("%d values, %v, or not in the memory that was given", len(got), err)
	}
	l, _ := f.Locate("a")
	set := weights.Set{"a": l}
	if got, err := set.AppendFloat32s(nil, "a", []int{400, 500}); err != nil || !slices.Equal(got, want) {
		t.Errorf("a set: %d values, %v", len(got), err)
	}
	for wrong, call := range map[string]func() ([]float32, error){
		"missing": func() ([]float32, error) { return f.AppendFloat32s(buffer, "c", nil) },
		"shape":   func() ([]float32, error) { return set.AppendFloat32s(buffer, "a", []int{500, 400}) },
		"I8":      func() ([]float32, error) { return f.AppendFloat32s(buffer, "b", []int{0}) },
	} {
		if got, err := call(); err == nil || !strings.Contains(err.Error(), wrong) || len(got) != 1 {
			t.Errorf("%s: %d values, %v", wrong, len(got), err)
		}
	}
}

func TestWriteFromCopies(t *testing.T) {
	var b bytes.Buffer
	tensors := []weights.Located{
		{Name: "t", Location: counted(6, []int{3, 2}, []int{1, 3})},
		{Name: "a", Location: counted(3, []int{3}, nil)},
	}
	if err := weights.WriteFrom(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Tensor("t")
	if err != nil || !bytes.Equal(got.Data, []byte{0, 3, 1, 4, 2, 5}) {
		t.Errorf("%v, %v", got.Data, err)
	}
	tensors[1].Reader = bytes.NewReader(nil)
	if err := weights.WriteFrom(&b, tensors, nil); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("a tensor that cannot be read: %v", err)
	}
}

func TestOpenAtRefuses(t *testing.T) {
	dir := fstest.MapFS{"folder/x": {}, "bad": {Data: []byte("12345678")}}
	for name, want := range map[string]string{"folder": "not a regular file", "nowhere": "not exist",
		"bad": "does not fit"} {
		if _, _, err := weights.OpenFS(dir, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
