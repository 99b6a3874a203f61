package biogpt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/torch/torchtest"
)

// modelFiles are model directories of the same trunk, one for each format.
func modelFiles(t *testing.T, cfg Config) (params Params, dirs map[string]fstest.MapFS) {
	t.Helper()
	params = InitStructured(cfg, 1)
	var state torchtest.OrderedDict
	for i, s := range cfg.Trunk() {
		var shape []int64
		for _, n := range s.Shape {
			shape = append(shape, int64(n))
		}
		state = append(
			state, torchtest.Item{Key: s.Name, Value: torchtest.Float32s(fmt.Sprint(i), params[s.Name], shape...)},
		)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, params.Tensors(cfg.Trunk()), nil); err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dir := func(name string, data []byte) fstest.MapFS {
		return fstest.MapFS{ConfigFile: {Data: config}, name: {Data: data}}
	}
	return params, map[string]fstest.MapFS{
		"safetensors": dir(WeightsFile, b.Bytes()), "torch": dir("pytorch_model.bin", torchtest.Zip(state)),
		"legacy": dir("pytorch_model.bin", torchtest.Legacy(state)),
	}
}

func TestLoadReadsEveryFormat(t *testing.T) {
	cfg := NewConfig(40, 16, 2, 2, 24, 10, "")
	want, dirs := modelFiles(t, cfg)
	for format, dir := range dirs {
		got, params, err := Load(dir)
		if err != nil || got != cfg {
			t.Fatalf("%s: %v, %v", format, got, err)
		}
		for name := range want {
			if !slices.Equal(params[name], want[name]) {
				t.Errorf("%s: %s differs", format, name)
			}
		}
	}
}

// Beside the parameters themselves, opening a model takes the memory of about one of them.
func TestOpenHoldsOneParameter(t *testing.T) {
	cfg := NewConfig(1024, 256, 4, 4, 1024, 254, "")
	params, dirs := modelFiles(t, cfg)
	var size uint64
	for _, values := range params {
		size += uint64(4 * len(values))
	}
	graphs, err := OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	defer graphs.Close()
	for _, b := range []*Backend{graphs, device.OpenCPU()} {
		for format, dir := range dirs {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			e, err := Open(dir, b)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > size*13/10 {
				t.Errorf(
					"%s, %s: %.1f MB were taken for %.1f MB of parameters", b.Class(), format, float64(took)/1e6,
					float64(size)/1e6,
				)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	cfg := NewConfig(40, 16, 1, 2, 24, 10, "")
	params, dirs := modelFiles(t, cfg)
	b := device.OpenCPU()
	change := func(edit func(dir fstest.MapFS)) fs.FS {
		dir := fstest.MapFS{}
		for name, f := range dirs["safetensors"] {
			dir[name] = f
		}
		edit(dir)
		return dir
	}
	var untied bytes.Buffer
	projection := weights.FromFloat32s("output_projection.weight", make([]float32, 40*16), 40, 16)
	if err := weights.Write(&untied, append(params.Tensors(cfg.Trunk()), projection), nil); err != nil {
		t.Fatal(err)
	}
	for want, dir := range map[string]fs.FS{
		"config.json":      change(func(d fstest.MapFS) { delete(d, ConfigFile) }),
		"no weights found": change(func(d fstest.MapFS) { delete(d, WeightsFile) }),
		"differs from its token": change(func(d fstest.MapFS) {
			d[WeightsFile] = &fstest.MapFile{Data: untied.Bytes()}
		}),
		"the config asks for": change(func(d fstest.MapFS) {
			d[ConfigFile] = config(t, NewConfig(41, 16, 1, 2, 24, 10, ""))
		}),
		"num_hidden_layers": change(func(d fstest.MapFS) {
			d[ConfigFile] = config(t, NewConfig(40, 16, 1<<24, 2, 24, 10, ""))
		}),
		"[16777216 16777216]": change(func(d fstest.MapFS) {
			d[ConfigFile] = config(t, NewConfig(1<<24, 1<<24, 1, 2, 24, 10, ""))
		}),
		"layers.1.self_attn_laye": change(func(d fstest.MapFS) {
			d[ConfigFile] = config(t, NewConfig(40, 16, 2, 2, 24, 10, ""))
		}),
	} {
		if _, _, err := Load(dir); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("Load: got %v, want an error with %q", err, want)
		}
		if _, err := Open(dir, b); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("Open: got %v, want an error with %q", err, want)
		}
	}
}

func config(t *testing.T, cfg Config) *fstest.MapFile {
	t.Helper()
	data, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: data}
}
