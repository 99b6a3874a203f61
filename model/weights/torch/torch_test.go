package torch_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/pickle"
	"github.com/pubmine/pubmine/model/weights/torch"
	"github.com/pubmine/pubmine/model/weights/torch/torchtest"
)

func open(data []byte) (*pickle.Dict, torch.Layout, error) {
	object, layout, err := torch.Open(bytes.NewReader(data), int64(len(data)))
	d, _ := object.(*pickle.Dict)
	return d, layout, err
}

// layouts are the ways to write an object.
func layouts() map[torch.Layout]func(any) []byte {
	return map[torch.Layout]func(any) []byte{torch.Zip: torchtest.Zip, torch.Legacy: torchtest.Legacy}
}

func tensor(t *testing.T, d *pickle.Dict, name string) *torch.Tensor {
	t.Helper()
	v, _ := d.Get(name)
	tensor, ok := v.(*torch.Tensor)
	if !ok {
		t.Fatalf("%s is a %s", name, pickle.TypeName(v))
	}
	return tensor
}

func TestBothLayouts(t *testing.T) {
	half := &torchtest.Storage{Key: "h", Class: "HalfStorage", Elements: 2, Data: []byte{0x00, 0x3c, 0x00, 0xc0}}
	brain := &torchtest.Storage{Key: "b", Class: "BFloat16Storage", Elements: 1, Data: []byte{0x49, 0x40}}
	shared := torchtest.Float32s("s", []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	object := torchtest.OrderedDict{
		{Key: "half", Value: &torchtest.Tensor{Storage: half, Shape: []int64{2}, Strides: []int64{1}}},
		{Key: "brain", Value: &torchtest.Tensor{Storage: brain, Shape: nil, Strides: nil}},
		{Key: "rows", Value: shared},
		{Key: "tied", Value: shared},
		{
			Key:   "transposed",
			Value: &torchtest.Tensor{Storage: shared.Storage, Shape: []int64{3, 2}, Strides: []int64{1, 3}},
		},
		{
			Key:   "column",
			Value: &torchtest.Tensor{Storage: shared.Storage, First: 1, Shape: []int64{2, 1}, Strides: []int64{3, 1}},
		},
		{
			Key:   "empty",
			Value: &torchtest.Tensor{Storage: shared.Storage, First: 6, Shape: []int64{0, 7}, Strides: []int64{7, 1}},
		},
		{
			Key: "parameter",
			Value: torchtest.Call{Function: torchtest.Global{Module: "torch._utils", Name: "_rebuild_parameter"},
				Arguments: torchtest.Tuple{shared, true, torchtest.Dict{}}},
		},
	}
	want := map[string][]float32{
		"half": {
			1, -2,
		}, "brain": {3.140625}, "rows": {1, 2, 3, 4, 5, 6}, "tied": {1, 2, 3, 4, 5, 6},
		"transposed": {1, 4, 2, 5, 3, 6},
		"column":     {2, 5}, "empty": {}, "parameter": {1, 2, 3, 4, 5, 6},
	}
	for layout, write := range layouts() {
		d, got, err := open(write(object))
		if err != nil || got != layout {
			t.Fatalf("%s: %s, %v", layout, got, err)
		}
		for name, want := range want {
			l := tensor(t, d, name)
			values, err := l.AppendFloat32s([]float32{-1})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(values[1:], want) {
				t.Errorf("%s, %s: %v, want %v", layout, name, values[1:], want)
			}
			var b bytes.Buffer
			if err := l.Copy(&b); err != nil || int64(b.Len()) != l.Bytes() {
				t.Errorf("%s, %s: %d bytes, %v", layout, name, b.Len(), err)
			}
		}
	}
}

func TestStorageTypes(t *testing.T) {
	for class, dtype := range map[string]weights.DType{
		"DoubleStorage": weights.F64, "LongStorage": weights.I64, "IntStorage": weights.I32,
		"ShortStorage": weights.I16, "CharStorage": weights.I8,
		"ByteStorage": weights.U8, "BoolStorage": weights.Bool,
	} {
		s := &torchtest.Storage{Key: "0", Class: class, Elements: 3, Data: make([]byte, 3*dtype.Size())}
		d, _, err := open(
			torchtest.Zip(
				torchtest.Dict{
					{Key: "x", Value: &torchtest.Tensor{Storage: s, Shape: []int64{3}, Strides: []int64{1}}},
				},
			),
		)
		if err != nil {
			t.Fatalf("%s: %v", class, err)
		}
		l := tensor(t, d, "x")
		if _, err := l.AppendFloat32s(nil); l.DType != dtype || err == nil {
			t.Errorf("%s is %s, floats: %v", class, l.DType, err)
		}
	}
}

// one is a file with one tensor whose description is changed.
func one(edit func(*torchtest.Tensor)) torchtest.Dict {
	x := torchtest.Float32s("0", []float32{1, 2, 3, 4}, 2, 2)
	if edit != nil {
		edit(x)
	}
	return torchtest.Dict{{Key: "x", Value: x}}
}

func TestRefusesTensors(t *testing.T) {
	for name, edit := range map[string]func(*torchtest.Tensor){
		"shape beyond":       func(x *torchtest.Tensor) { x.Shape[0] = 3 },
		"first beyond":       func(x *torchtest.Tensor) { x.First = 5 },
		"first and shape":    func(x *torchtest.Tensor) { x.First = 1 },
		"negative first":     func(x *torchtest.Tensor) { x.First = -1 },
		"stride beyond":      func(x *torchtest.Tensor) { x.Strides[0] = 3 },
		"negative stride":    func(x *torchtest.Tensor) { x.Strides[0] = -1 },
		"huge stride":        func(x *torchtest.Tensor) { x.Strides[0] = math.MaxInt64 },
		"large stride":       func(x *torchtest.Tensor) { x.Strides[0] = 1 << 40 },
		"zero strides":       func(x *torchtest.Tensor) { x.Shape, x.Strides = []int64{1 << 39}, []int64{0} },
		"negative dimension": func(x *torchtest.Tensor) { x.Shape[0] = -2 },
		"overflowing product": func(x *torchtest.Tensor) {
			x.Shape, x.Strides = []int64{1 << 35, 1 << 35},
				[]int64{0, 0}
		},
		"strides missing": func(x *torchtest.Tensor) { x.Strides = x.Strides[:1] },
		"nine dimensions": func(x *torchtest.Tensor) {
			x.Shape, x.Strides = []int64{1, 1, 1, 1, 1, 1, 1, 1, 1}, []int64{1, 1, 1, 1, 1, 1, 1, 1, 1}
		},
		"more elements than the file": func(x *torchtest.Tensor) { x.Storage.Elements = 1 << 39 },
		"fewer elements":              func(x *torchtest.Tensor) { x.Storage.Elements = 3 },
		"other class":                 func(x *torchtest.Tensor) { x.Storage.Class = "DoubleStorage" },
		"complex":                     func(x *torchtest.Tensor) { x.Storage.Class = "ComplexFloatStorage" },
		"untyped":                     func(x *torchtest.Tensor) { x.Storage.Class = "UntypedStorage" },
	} {
		for layout, write := range layouts() {
			if _, _, err := open(write(one(edit))); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %s: %v", name, layout, err)
			}
		}
	}
}

func call(module, name string, args ...any) torchtest.Dict {
	return torchtest.Dict{
		{Key: "x", Value: torchtest.Call{Function: torchtest.Global{Module: module, Name: name}, Arguments: args}},
	}
}

func TestRefusesCalls(t *testing.T) {
	x := torchtest.Float32s("0", []float32{1}, 1)
	for name, object := range map[string]torchtest.Dict{
		"system":       call("os", "system", "id"),
		"sparse":       call("torch._utils", "_rebuild_sparse_tensor", "id"),
		"no arguments": call("torch._utils", "_rebuild_tensor_v2"),
		"no storage": call("torch._utils", "_rebuild_tensor_v2", nil, 0, torchtest.Tuple{}, torchtest.Tuple{},
			false, nil),
		"bad sizes":     call("torch._utils", "_rebuild_tensor_v2", nil, 0, torchtest.List{}, "", false, nil),
		"parameter":     call("torch._utils", "_rebuild_parameter", "x", true, nil),
		"one argument":  call("torch._utils", "_rebuild_parameter", x),
		"storage class": call("torch", "FloatStorage", 1),
	} {
		for layout, write := range layouts() {
			if _, _, err := open(write(object)); err == nil {
				t.Errorf("%s, %s: no error", name, layout)
			}
		}
	}
}

func TestRefusesArchives(t *testing.T) {
	entries := torchtest.Entries(2, one(nil))
	without := func(i int) []torchtest.Entry { return slices.Delete(slices.Clone(entries), i, i+1) }
	change := func(i int, data string) []torchtest.Entry {
		e := slices.Clone(entries)
		e[i].Data = []byte(data)
		return e
	}
	renamed := slices.Clone(entries)
	renamed[2].Name = "model/data/../data/0"
	for name, list := range map[string][]torchtest.Entry{
		"no pickle": without(0), "no storage": without(2), "twice": append(slices.Clone(entries), entries[2]),
		"big endian":    change(1, "big"),
		"short storage": change(2, "abc"), "long storage": change(2, strings.Repeat("x", 17)), "odd name": renamed,
		"two pickles":  append(slices.Clone(entries), torchtest.Entry{Name: "other/data.pkl"}),
		"empty pickle": change(0, ""), "empty": {},
	} {
		if _, _, err := open(torchtest.Archive(zip.Store, list...)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := open(torchtest.Archive(zip.Deflate, entries...)); err == nil ||
		!strings.Contains(err.Error(), "deflated") {
		t.Errorf("deflated: %v", err)
	}
	if _, _, err := open(torchtest.Archive(zip.Store, without(1)...)); err != nil {
		t.Errorf("byteorder may be missing: %v", err)
	}
}

// edited is a legacy file in which some bytes are replaced by as many others.
func edited(t *testing.T, old, replacement string) []byte {
	t.Helper()
	whole := torchtest.Legacy(one(nil))
	if !bytes.Contains(whole, []byte(old)) {
		t.Fatalf("%q is not there", old)
	}
	return bytes.Replace(whole, []byte(old), []byte(replacement), 1)
}

func TestRefusesLegacyFiles(t *testing.T) {
	elements := string(binary.LittleEndian.AppendUint64(nil, 4))
	for name, data := range map[string][]byte{
		"magic":       edited(t, "\x19.", "\x18."),
		"small magic": []byte("\x80\x02K\x01."),
		"version":     edited(t, "M\xe9\x03", "M\xea\x03"),
		"big endian":  edited(t, "\x88", "\x89"),
		"view":        edited(t, "Nt", "\x88t"),
		"elements":    edited(t, elements+"\x00\x00\x80\x3f", "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x80\x3f"),
		"unknown key": edited(t, "]q\x00(X\x01\x00\x00\x000", "]q\x00(X\x01\x00\x00\x001"),
		"no list":     edited(t, "]q\x00(X\x01\x00\x00\x000q\x01e.", "Nq\x00q\x00q\x00q\x00q\x00q\x00."),
	} {
		if _, _, err := open(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCutAnywhere(t *testing.T) {
	for layout, write := range layouts() {
		whole := write(one(nil))
		for n := range whole {
			if _, _, err := open(whole[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes are taken for a file", layout, n, len(whole))
			}
		}
	}
}

// cut is a reader of the first bytes of a file.
type cut struct {
	data []byte
	left int
}

func (c *cut) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(c.data[:c.left]).ReadAt(p, off)
}

func TestFileThatShrinks(t *testing.T) {
	for layout, write := range layouts() {
		whole := write(one(nil))
		r := &cut{whole, len(whole)}
		object, _, err := torch.Open(r, int64(len(whole)))
		if err != nil {
			t.Fatal(err)
		}
		r.left = 20
		x := tensor(t, object.(*pickle.Dict), "x")
		if _, err := x.AppendFloat32s(nil); err == nil {
			t.Errorf("%s: a tensor was read from a file that was cut", layout)
		}
	}
}

// A directory of many entries must not be taken into memory.
func TestDirectoryIsBounded(t *testing.T) {
	data := torchtest.Archive(zip.Store, torchtest.Entries(2, one(nil))...)
	var before, after runtime.MemStats
	entry := make([]byte, 46) // of a central directory, with empty names
	copy(entry, "PK\x01\x02")
	n := 200_000
	directory := bytes.Repeat(entry, n)
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], 0xffff)
	binary.LittleEndian.PutUint16(end[10:], 0xffff)
	binary.LittleEndian.PutUint32(end[12:], uint32(len(directory)))
	binary.LittleEndian.PutUint32(end[16:], uint32(len(data)))
	data = slices.Concat(data, directory, end)
	runtime.ReadMemStats(&before)
	_, _, err := open(data)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("no error")
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 100<<20 {
		t.Errorf("%d MB were taken", took>>20)
	}
}

// genTensors draws tensors, some of which share storages.
func genTensors(t *rapid.T) (torchtest.OrderedDict, map[string][]float32) {
	var object torchtest.OrderedDict
	want := map[string][]float32{}
	for i := range rapid.IntRange(0, 5).Draw(t, "tensors") {
		shape := rapid.SliceOfN(rapid.Int64Range(0, 4), 0, 3).Draw(t, "shape")
		n := int64(1)
		for _, d := range shape {
			n *= d
		}
		values := rapid.SliceOfN(rapid.Float32(), int(n), int(n)).Draw(t, "values")
		key := string(rune('a' + i))
		object = append(object, torchtest.Item{Key: key, Value: torchtest.Float32s(key, values, shape...)})
		want[key] = values
	}
	return object, want
}

func TestReadingIsTheInverseOfWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object, want := genTensors(t)
		for layout, write := range layouts() {
			data := write(object)
			got, _, err := torch.Open(io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), int64(len(data)))
			if err != nil {
				t.Fatalf("%s: %v", layout, err)
			}
			for name, want := range want {
				v, _ := got.(*pickle.Dict).Get(name)
				values, err := v.(*torch.Tensor).AppendFloat32s([]float32{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, values); diff != "" {
					t.Fatalf("%s, %s: %s", layout, name, diff)
				}
			}
		}
	})
}

// check opens any file and reads its tensors.
func check(t *testing.T, data []byte) {
	object, _, err := torch.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %q", err)
		}
		return
	}
	dict, ok := object.(*pickle.Dict)
	if !ok {
		return
	}
	for _, v := range dict.Values {
		if x, ok := v.(*torch.Tensor); ok {
			if x.Bytes() > int64(len(data)) {
				t.Fatalf("a tensor of %d bytes in a file of %d", x.Bytes(), len(data))
			}
			var b bytes.Buffer
			if err := x.Copy(&b); err != nil || int64(b.Len()) != x.Bytes() {
				t.Fatalf("%d of %d bytes: %v", b.Len(), x.Bytes(), err)
			}
		}
	}
}

func FuzzZip(f *testing.F) {
	f.Add(torchtest.Zip(one(nil)))
	f.Add(torchtest.Archive(zip.Store, torchtest.Entries(4, one(nil))...))
	f.Add(torchtest.Archive(zip.Deflate, torchtest.Entries(2, one(nil))...))
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data) })
}

// FuzzArchive fuzzes the contents of a valid archive.
func FuzzArchive(f *testing.F) {
	for _, protocol := range []byte{2, 4} {
		f.Add(torchtest.Pickle(protocol, one(nil)), []byte("0123456789abcdef"))
	}
	f.Fuzz(func(t *testing.T, object, storage []byte) {
		check(
			t,
			torchtest.Archive(
				zip.Store, torchtest.Entry{Name: "m/data.pkl", Data: object},
				torchtest.Entry{Name: "m/data/0", Data: storage},
			),
		)
	})
}

func FuzzLegacy(f *testing.F) {
	f.Add(torchtest.Legacy(one(nil)))
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data) })
}
