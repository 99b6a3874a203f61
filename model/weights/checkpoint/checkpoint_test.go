package checkpoint_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/checkpoint"
	"github.com/pubmine/pubmine/model/weights/torch/torchtest"
)

const (
	table      = "biogpt.embed_tokens.weight"
	norm       = "biogpt.layer_norm.weight"
	projection = "output_projection.weight"
)

func safetensors(t testing.TB, tensors ...weights.Tensor) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func text(format string, args ...any) *fstest.MapFile {
	return &fstest.MapFile{Data: fmt.Appendf(nil, format, args...)}
}

func torchFile(object any) *fstest.MapFile { return &fstest.MapFile{Data: torchtest.Zip(object)} }

func state(names ...string) torchtest.OrderedDict {
	var d torchtest.OrderedDict
	for i, name := range names {
		d = append(
			d, torchtest.Item{Key: name, Value: torchtest.Float32s(fmt.Sprint(i), []float32{1, float32(i)}, 1, 2)},
		)
	}
	return d
}

func TestFormats(t *testing.T) {
	a := weights.FromFloat32s(table, []float32{1, 0}, 1, 2)
	b := weights.FromFloat32s(norm, []float32{1, 1}, 1, 2)
	index := `{"metadata":{"total_size":16},` +
		`"weight_map":{"biogpt.embed_tokens.weight":"%[1]s","biogpt.layer_norm.weight":"%[2]s"}}`
	fairseq := torchtest.Dict{
		{
			Key:   "cfg",
			Value: torchtest.Dict{{Key: "model", Value: torchtest.Dict{{Key: "decoder_layers", Value: int64(2)}}}},
		},
		{Key: "model", Value: state("decoder.embed_tokens.weight", "decoder.layer_norm.weight", "decoder.version")},
	}
	old := torchtest.Dict{
		{Key: "args", Value: torchtest.Namespace{{Key: "decoder_layers", Value: int64(2)}}}, {Key: "cfg", Value: nil},
		{Key: "model", Value: state("decoder.embed_tokens.weight", "decoder.layer_norm.weight")},
	}
	mixed := torchtest.Dict{
		{
			Key:   "cfg",
			Value: torchtest.Dict{{Key: "model", Value: torchtest.Namespace{{Key: "decoder_layers", Value: int64(2)}}}},
		},
		{Key: "model", Value: state("decoder.embed_tokens.weight", "decoder.layer_norm.weight")},
	}
	for _, c := range []struct {
		format string
		dir    fstest.MapFS
		files  []string
	}{
		{"safetensors", fstest.MapFS{"model.safetensors": safetensors(t, a, b), "pytorch_model.bin": text("ignored")},
			[]string{"model.safetensors"}},
		{"safetensors, 2 files", fstest.MapFS{"model.safetensors.index.json": text(index, "model-1.safetensors",
			"model-2.safetensors"),
			"model-1.safetensors": safetensors(t, a), "model-2.safetensors": safetensors(t, b)},
			[]string{"model.safetensors.index.json", "model-1.safetensors", "model-2.safetensors"}},
		{"torch zip", fstest.MapFS{"pytorch_model.bin": torchFile(state(table, norm))}, []string{"pytorch_model.bin"}},
		{"torch before 1.6", fstest.MapFS{"pytorch_model.bin": {Data: torchtest.Legacy(state(table, norm))}},
			[]string{"pytorch_model.bin"}},
		{"torch zip", fstest.MapFS{"pytorch_model.bin": torchFile(state("embed_tokens.weight", "layer_norm.weight"))},
			[]string{"pytorch_model.bin"}},
		{"torch zip, 2 files", fstest.MapFS{"pytorch_model.bin.index.json": text(index, "a.bin", "b.bin"),
			"a.bin": torchFile(state(table)),
			"b.bin": {Data: torchtest.Zip(torchtest.OrderedDict{{Key: norm,
				Value: torchtest.Float32s("9", []float32{1, 1}, 1, 2)}})}},
			[]string{"pytorch_model.bin.index.json", "a.bin", "b.bin"}},
		{"torch zip, fairseq", fstest.MapFS{"checkpoint.pt": torchFile(fairseq)}, []string{"checkpoint.pt"}},
		{"torch zip, fairseq", fstest.MapFS{"checkpoint.pt": torchFile(old)}, []string{"checkpoint.pt"}},
		{"torch zip, fairseq", fstest.MapFS{"checkpoint.pt": torchFile(mixed)}, []string{"checkpoint.pt"}},
	} {
		got, err := checkpoint.Open(c.dir)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		if got.Format != c.format || !slices.Equal(got.Files, c.files) ||
			!slices.Equal(got.Names(), []string{table, norm}) {
			t.Errorf("%s: %s of %v holds %v", c.format, got.Format, got.Files, got.Names())
		}
		for name, want := range map[string][]float32{table: {1, 0}, norm: {1, 1}} {
			values, err := got.AppendFloat32s(nil, name, []int{1, 2})
			if diff := cmp.Diff(want, values); err != nil || diff != "" {
				t.Errorf("%s, %s: %v %s", c.format, name, err, diff)
			}
		}
		if _, err := got.AppendFloat32s(nil, table, []int{2, 1}); err == nil {
			t.Errorf("%s: another shape is accepted", c.format)
		}
		if fairseq := strings.Contains(c.format, "fairseq"); fairseq != (got.Settings != nil) {
			t.Errorf("%s: settings %v", c.format, got.Settings)
		} else if fairseq {
			if n, _ := got.Settings.Get("decoder_layers"); n != any(int64(2)) {
				t.Errorf("%s: %v layers", c.format, n)
			}
		}
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTied(t *testing.T) {
	shared := torchtest.Float32s("0", []float32{1, 2}, 1, 2)
	half := &torchtest.Tensor{
		Storage: &torchtest.Storage{Key: "1", Class: "HalfStorage", Elements: 2, Data: []byte{0, 0x3c, 0, 0x40}},
		Shape:   []int64{1, 2}, Strides: []int64{2, 1},
	}
	for name, c := range map[string]struct {
		second any
		tied   bool
	}{
		"absent": {nil, true}, "shared": {shared, true}, "copied": {torchtest.Float32s("1", []float32{1, 2}, 1, 2),
			true},
		"another":       {torchtest.Float32s("1", []float32{1, 3}, 1, 2), false},
		"another shape": {torchtest.Float32s("1", []float32{1, 2}, 2, 1), false},
		"another type":  {half, false},
	} {
		object := torchtest.OrderedDict{{Key: table, Value: shared}}
		if c.second != nil {
			object = append(object, torchtest.Item{Key: projection, Value: c.second})
		}
		got, err := checkpoint.Open(fstest.MapFS{"pytorch_model.bin": torchFile(object)})
		if err != nil {
			t.Fatal(err)
		}
		if tied, err := got.Tied(); tied != c.tied || err != nil {
			t.Errorf("%s: %v, %v", name, tied, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	a, b := weights.FromFloat32s(table, []float32{1, 0}, 1, 2), weights.FromFloat32s(norm, []float32{1, 1}, 1, 2)
	indexed := func(places string, files fstest.MapFS) fstest.MapFS {
		dir := fstest.MapFS{
			"model.safetensors.index.json": text(`{"weight_map":%s}`, places),
			"secret.safetensors":           safetensors(t, a),
		}
		for name, f := range files {
			dir[name] = f
		}
		return dir
	}
	at := func(file string) string { return fmt.Sprintf(`{%q:%q}`, table, file) }
	for want, dir := range map[string]fstest.MapFS{
		"no weights found":   {},
		"not a regular file": {"model.safetensors": {Mode: fs.ModeDir}},
		"it is empty":        {"model.safetensors": text("")},
		"a header of":        {"model.safetensors": text("xxxxxxxxxxxx")},
		"neither a zip":      {"pytorch_model.bin": text("PKxxxxx")},
		"has no tensor":      {"model.safetensors": safetensors(t, b)},
		"holds a list":       {"pytorch_model.bin": torchFile(torchtest.List{})},
		"a key is a int": {"pytorch_model.bin": {Data: torchtest.Archive(0,
			torchtest.Entry{Name: "m/data.pkl", Data: []byte("\x80\x02}K\x01Ns.")})}},
		`"x" is a str`:      {"pytorch_model.bin": torchFile(torchtest.Dict{{Key: "x", Value: "y"}})},
		"is duplicated":     {"pytorch_model.bin": torchFile(append(state(table), state(table)...))},
		`"model" is a None`: {"checkpoint.pt": torchFile(torchtest.Dict{{Key: "model", Value: nil}})},
		"is not of the decoder": {"checkpoint.pt": torchFile(torchtest.Dict{{Key: "model",
			Value: state("encoder.x")}})},
		"weight_map is empty":    indexed(`{}`, nil),
		"cannot unmarshal":       indexed(`[]`, nil),
		"../secret.safetensors":  indexed(at("../secret.safetensors"), nil),
		"/etc/passwd":            indexed(at("/etc/passwd"), nil),
		`a\\b.safetensors`:       indexed(at(`a\b.safetensors`), nil),
		".hidden.safetensors":    indexed(at(".hidden.safetensors"), nil),
		"dir/x.safetensors":      indexed(at("dir/x.safetensors"), nil),
		"not a .safe":            indexed(at("pytorch_model.bin"), nil),
		"file does not exist":    indexed(at("nowhere.safetensors"), nil),
		"the index does not say": indexed(at("x.safetensors"), fstest.MapFS{"x.safetensors": safetensors(t, a, b)}),
		"does not hold tensor": indexed(`{"biogpt.embed_tokens.weight":"x.safetensors","y":"x.safetensors"}`,
			fstest.MapFS{"x.safetensors": safetensors(t, a)}),
		"is in two files": indexed(`{"biogpt.embed_tokens.weight":"x.safetensors","y":"z.safetensors"}`,
			fstest.MapFS{"x.safetensors": safetensors(t, a), "z.safetensors": safetensors(t, a)}),
		"has more than 16777216 by": indexed(`{"x":"`+strings.Repeat("x", 16<<20)+`"}`, nil),
	} {
		c, err := checkpoint.Open(dir)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if c != nil {
			t.Errorf("%s: a checkpoint is returned", want)
		}
	}
}

// Links are followed to plain files, as the cache of the Hub has them, and to nothing else.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	blob := filepath.Join(dir, "blob")
	if err := os.WriteFile(blob, safetensors(t, weights.FromFloat32s(table, []float32{1, 0}, 1, 2)).Data,
		0o644); err != nil {
		t.Fatal(err)
	}
	for target, ok := range map[string]bool{blob: true, os.DevNull: false, dir: false,
		filepath.Join(dir, "loop", "model.safetensors"): false} {
		at := filepath.Join(t.TempDir(), "loop")
		if err := os.Mkdir(at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(at, "model.safetensors")); err != nil {
			t.Skipf("no links here: %v", err)
		}
		c, err := checkpoint.OpenFile(os.DirFS(at), "model.safetensors")
		if (err == nil) != ok {
			t.Errorf("a link to %s: %v", target, err)
		}
		if c != nil {
			c.Close()
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":16},"weight_map":{"biogpt.embed_tokens.weight":"a.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"x":"../a.safetensors"}}`))
	shard := safetensors(f, weights.FromFloat32s(table, []float32{1, 0}, 1, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		opened := &opens{FS: fstest.MapFS{"model.safetensors.index.json": {Data: data}, "a.safetensors": shard}}
		c, err := checkpoint.Open(opened)
		if err == nil && len(c.Names()) == 0 {
			t.Error("a checkpoint without tensors")
		}
		for _, name := range opened.names {
			if strings.ContainsAny(name, `/\`) {
				t.Errorf("%q was opened", name)
			}
		}
	})
}

// opens is a directory that remembers which files were opened.
type opens struct {
	fs.FS
	names []string
}

func (o *opens) Open(name string) (fs.File, error) {
	o.names = append(o.names, name)
	return o.FS.Open(name)
}
