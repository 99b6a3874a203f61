package weights_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

// file puts a header in front of data, as a file would hold them.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	return append(b, make([]byte, data)...)
}

func TestOpenRefuses(t *testing.T) {
	entry := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`{"a":{"dtype":%q,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets)
	}
	cases := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "too few"},
		{"short", make([]byte, 7), "too few"},
		{"header beyond the file", binary.LittleEndian.AppendUint64(nil, 5), "does not fit"},
		{"header beyond the limit", binary.LittleEndian.AppendUint64(nil, 1<<40), "does not fit"},
		{"header of negative length", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "does not fit"},
		{"not JSON", file("hello", 0), "JSON object"},
		{"a list", file("[]", 0), "JSON object"},
		{"cut", file(`{"a"`, 0), "header"},
		{"never closed", file(`{"a":{}`, 0), "needed"},
		{"trailing text", file(`{} {}`, 0), "data after its JSON object"},
		{"not UTF-8", file("{\"\xff\":{}}", 0), "UTF-8"},
		{
			"duplicate tensor",
			file(
				`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`+
					`"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`,
				0,
			),
			"twice",
		},
		{"duplicate field", file(`{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0), "twice"},
		{"unknown field", file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}`, 0), "unknown field"},
		{"missing shape", file(`{"a":{"dtype":"U8","data_offsets":[0,0]}}`, 0), "needed"},
		{"null shape", file(`{"a":{"dtype":"U8","shape":null,"data_offsets":[0,0]}}`, 0), "null"},
		{"unknown dtype", file(entry("F7", "[1]", "[0,4]"), 4), "dtype"},
		{"negative dimension", file(entry("F32", "[-1]", "[0,4]"), 4), "negative"},
		{"fractional dimension", file(entry("F32", "[1.5]", "[0,4]"), 4), "tensor \"a\""},
		{"product overflows", file(entry("F32", "[4294967296,4294967296,4]", "[0,4]"), 4), "more than"},
		{"too small a range", file(entry("F32", "[2]", "[0,4]"), 4), "more than"},
		{"too large a range", file(entry("F32", "[1]", "[0,8]"), 8), "needs 4 bytes"},
		{"outside", file(entry("F32", "[2]", "[0,8]"), 4), "within"},
		{"backwards", file(entry("F32", "[1]", "[4,0]"), 4), "within"},
		{"three offsets", file(entry("F32", "[1]", "[0,4,8]"), 4), "needed"},
		{"gap", file(entry("U8", "[1]", "[1,2]"), 2), "belong to none"},
		{"tail", file(entry("U8", "[1]", "[0,1]"), 2), "belong to no tensor"},
		{
			"overlap",
			file(
				`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},`+
					`"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`,
				3,
			),
			"overlaps",
		},
		{"many dimensions", file(entry("U8", "[0"+strings.Repeat(",0", 64)+"]", "[0,0]"), 0), "65 dimensions"},
		{"metadata of numbers", file(`{"__metadata__":{"a":1}}`, 0), "not a string"},
		{"metadata of null", file(`{"__metadata__":{"a":null}}`, 0), "not a string"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := weightstest.Open(c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error takes more than one line: %q", err)
			}
		})
	}
}

func TestOpenAccepts(t *testing.T) {
	header := `{ "b":{"shape":[2],"data_offsets":[1,3],"dtype":"U8"}, ` +
		`"e":{"dtype":"F32","shape":[0,7],"data_offsets":[1,1]},` +
		`"a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}, "__metadata__":{"format":"pt"} }   `
	f, err := weightstest.Open(file(header, 3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "e", "b"}, f.Names()); diff != "" {
		t.Errorf("names: %s", diff)
	}
	if diff := cmp.Diff(map[string]string{"format": "pt"}, f.Metadata()); diff != "" {
		t.Errorf("metadata: %s", diff)
	}
	if shape, ok := f.Shape("e"); !ok || !slices.Equal(shape, []int{0, 7}) {
		t.Errorf("shape of e: %v %v", shape, ok)
	}
	if _, ok := f.Shape("z"); ok {
		t.Error("z should not be there")
	}
	if _, err := f.Tensor("z"); err == nil {
		t.Error("reading z should fail")
	}
	if _, err := f.Float32s("a"); err == nil {
		t.Error("an I8 tensor is no float tensor")
	}
}

func TestFloat32s(t *testing.T) {
	cases := []struct {
		dtype weights.DType
		bits  []uint16
		want  []float32
	}{
		{weights.F16, []uint16{0x0000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x83ff, 0x7c00, 0xfc00},
			[]float32{
				0, 1, -2, 65504, 6.103515625e-05, 5.9604645e-08, -6.097555e-05, float32(math.Inf(1)),
				float32(math.Inf(-1)),
			}},
		{weights.BF16, []uint16{0x0000, 0x3f80, 0xc000, 0x4049, 0x7f80},
			[]float32{0, 1, -2, 3.140625, float32(math.Inf(1))}},
	}
	for _, c := range cases {
		tensor := weights.Tensor{Name: "a", DType: c.dtype, Shape: []int{len(c.bits)}}
		for _, b := range c.bits {
			tensor.Data = binary.LittleEndian.AppendUint16(tensor.Data, b)
		}
		got, err := tensor.Float32s()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.dtype, diff)
		}
	}
	nan := weights.Tensor{DType: weights.F16, Shape: []int{1}, Data: []byte{0x01, 0x7e}}
	if got, _ := nan.Float32s(); got[0] == got[0] {
		t.Errorf("half NaN became %v", got[0])
	}
}

// genTensors draws tensors with distinct names and finite elements.
func genTensors(t *rapid.T) []weights.Tensor {
	dtypes := []weights.DType{
		weights.F32, weights.F16, weights.BF16, weights.I8, weights.U8, weights.U32, weights.I32, weights.I64,
	}
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zé."\\]{1,8}`), 0, 6, rapid.ID[string]).Draw(t, "names")
	var tensors []weights.Tensor
	for _, name := range names {
		dtype := rapid.SampledFrom(dtypes).Draw(t, "dtype")
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
		size := dtype.Size()
		for _, d := range shape {
			size *= d
		}
		data := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "data")
		if n := dtype.Size(); dtype == weights.F32 || dtype == weights.F16 || dtype == weights.BF16 {
			for i := n - 1; i < size; i += n {
				data[i] &^= 0x40 // the top of the exponent, so that the element is finite
			}
		}
		tensors = append(tensors, weights.Tensor{Name: name, DType: dtype, Shape: shape, Data: data})
	}
	return tensors
}

func TestWriteThenReadIsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tensors := genTensors(t)
		metadata := rapid.MapOfN(rapid.String(), rapid.StringMatching(`[a-z]*`), 0, 3).Draw(t, "metadata")
		var b, shuffled bytes.Buffer
		if err := weights.Write(&b, tensors, metadata); err != nil {
			t.Fatal(err)
		}
		if err := weights.Write(&shuffled, rapid.Permutation(tensors).Draw(t, "order"), metadata); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), shuffled.Bytes()) {
			t.Fatal("the order given changes the file")
		}
		f, err := weightstest.Open(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Names()) != len(tensors) || len(f.Metadata()) != len(metadata) {
			t.Fatalf(
				"%d tensors, %d metadata; want %d, %d", len(f.Names()), len(f.Metadata()), len(tensors),
				len(metadata),
			)
		}
		for _, want := range tensors {
			got, err := f.Tensor(want.Name)
			if err != nil {
				t.Fatal(err)
			}
			if got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
				t.Fatalf("tensor %q changed", want.Name)
			}
		}
	})
}

func TestWriteRefuses(t *testing.T) {
	a := weights.FromFloat32s("a", []float32{1, 2}, 2)
	short, unknown, reserved := a, a, a
	short.Shape = []int{3}
	unknown.DType = "F7"
	reserved.Name = "__metadata__"
	for name, tensors := range map[string][]weights.Tensor{"twice": {a, a}, "shape": {short}, "dtype": {unknown},
		"reserved": {reserved}} {
		if err := weights.Write(&bytes.Buffer{}, tensors, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for n := range 3 {
		if err := weights.Write(&failing{after: n}, []weights.Tensor{a}, nil); !errors.Is(err, os.ErrClosed) {
			t.Errorf("writer that fails at write %d: %v", n, err)
		}
	}
}

// failing is a writer that takes a number of writes and then fails.
type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after == 0 {
		return 0, os.ErrClosed
	}
	f.after--
	return len(p), nil
}

// TestReadsReferenceFile reads a file that the reference implementation wrote.
func TestReadsReferenceFile(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "golden", "biogpt-tiny", "model.safetensors")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("golden file is not there: %v", err)
	}
	f, err := weightstest.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.Names()); n != 52 {
		t.Errorf("%d tensors, want 52", n)
	}
	var tensors []weights.Tensor
	for _, name := range f.Names() {
		tensor, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, tensor)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, f.Metadata()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), data) {
		t.Error("writing what was read gives another file")
	}
}

// A header of the maximum size takes little memory, and its error messages are short.
func TestHeaderIsBounded(t *testing.T) {
	var header bytes.Buffer
	for header.Len() < weights.MaxHeader-200 {
		fmt.Fprintf(&header, `,"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, header.Len())
	}
	long := `{"` + strings.Repeat("x", weights.MaxHeader-200) + `":{}}`
	for name, text := range map[string]string{"entries": "{" + header.String()[1:] + "}", "name": long,
		"depth": strings.Repeat("[", weights.MaxHeader-8)} {
		var before, after runtime.MemStats
		data := file(text, 0)
		runtime.ReadMemStats(&before)
		_, err := weightstest.Open(data)
		runtime.ReadMemStats(&after)
		if took := int64(after.HeapSys - before.HeapSys); took > 64<<20 {
			t.Errorf("%s: %d MB", name, took>>20)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	if err := weights.Write(&b, []weights.Tensor{weights.FromFloat32s("a", []float32{1, 2}, 1, 2),
		{Name: "b", DType: weights.U8, Shape: []int{1}, Data: []byte{7}}}, map[string]string{"k": "v"}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(file(`{}`, 0))
	f.Add(file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := weightstest.Open(data)
		if err != nil {
			return
		}
		var tensors []weights.Tensor
		for _, name := range file.Names() {
			tensor, err := file.Tensor(name)
			if err != nil {
				t.Fatalf("tensor %q of an accepted file: %v", name, err)
			}
			tensors = append(tensors, tensor)
		}
		if err := weights.Write(&bytes.Buffer{}, tensors, file.Metadata()); err != nil {
			t.Fatalf("writing an accepted file: %v", err)
		}
	})
}
