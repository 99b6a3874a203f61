package biogpt

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

// The fixtures are values that transformers computed; their README describes them.
const tolerance = 1e-4

// golden returns the path of a fixture, and skips the test where the fixtures are not there.
func golden(t testing.TB, elem ...string) string {
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "golden"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("golden fixtures are not there: %v", err)
	}
	return path
}

func readGolden(t *testing.T, path string, into any) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// eachBackend runs a test on the GoMLX backend and on XLA for the CPU where a plugin is found.
func eachBackend(t *testing.T, test func(t *testing.T, b *Backend)) {
	for _, name := range []string{device.GoMLX, device.XLACPU} {
		t.Run(name, func(t *testing.T) {
			if name == device.XLACPU && (testing.Short() || len(device.Plugins(name)) == 0) {
				t.Skip("-short, or no PJRT plugin for the CPU on this machine: compiling for XLA takes seconds")
			}
			b, err := OpenBackend(name)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			test(t, b)
		})
	}
}

// goldenInput is a batch as the fixtures give it: padded on either side, positions not yet offset.
type goldenInput struct {
	Name      string    `json:"name"`
	IDs       [][]int32 `json:"input_ids"`
	Mask      [][]int32 `json:"attention_mask"`
	Positions [][]int32 `json:"position_ids"`
}

// goldenShape holds every batch of the fixtures, so that each backend compiles a graph once.
var goldenShape = Shape{Size: 4, Length: 128}

// pack adds padding on the right and below, to goldenShape.
func (g goldenInput) pack() Packed {
	p := Pack(nil, goldenShape.Size, goldenShape.Length)
	for i := range g.IDs {
		for j := range g.IDs[i] {
			at := i*p.Length + j
			p.IDs[at], p.Positions[at], p.Mask[at] = g.IDs[i][j], g.Positions[i][j]+positionOffset, g.Mask[i][j] == 1
		}
	}
	return p
}

// evaluator compiles a graph over batches of goldenShape and returns a function that runs it.
func evaluator(
	t *testing.T, b *Backend, params Params, specs []Spec, build func(n Nodes, in Batch) []*graph.Node,
) func(p Packed, sizes ...int) [][]float32 {
	t.Helper()
	var loaded []device.Buffer
	for _, s := range specs {
		w, err := device.Upload(b, params[s.Name], s.Shape...)
		if err != nil {
			t.Fatal(err)
		}
		loaded = append(loaded, w)
	}
	program, err := b.Compile(
		"test",
		append(goldenShape.Inputs(), ParamInputs(specs)...),
		func(in []*graph.Node) []*graph.Node {
			return build(NameNodes(specs, in[BatchInputs:]), BatchOf(in))
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(program.Close)
	return func(p Packed, sizes ...int) [][]float32 {
		inputs, err := p.Upload(b)
		if err != nil {
			t.Fatal(err)
		}
		defer device.Free(inputs...)
		out, err := program.Run(append(inputs, loaded...), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer device.Free(out...)
		var values [][]float32
		for i, o := range out {
			v, err := o.Float32s(sizes[i])
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, v)
		}
		return values
	}
}

func loadGolden(t *testing.T, specs func(Config) []Spec, elem ...string) (Config, Params, []Spec) {
	t.Helper()
	dir := os.DirFS(golden(t, elem...))
	cfg, params, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := cfg.Trunk()
	if specs != nil {
		data, err := os.ReadFile(golden(t, append(elem, WeightsFile)...))
		if err != nil {
			t.Fatal(err)
		}
		file, err := weightstest.Open(data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, specs(cfg)...)
		if params, err = ReadParams(file, all); err != nil {
			t.Fatal(err)
		}
	}
	return cfg, params, all
}

func near(t *testing.T, what string, want, got []float32) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(want[i]) - float64(got[i])); !(d <= tolerance) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestForwardEqualsReference(t *testing.T) {
	cfg, params, specs := loadGolden(t, nil, "biogpt-tiny")
	var expected struct {
		Forward []struct {
			goldenInput
			Selected []struct {
				Row    int         `json:"row"`
				Pos    int         `json:"pos"`
				Last   []float32   `json:"last_hidden_state"`
				Logits []float32   `json:"logits"`
				Hidden [][]float32 `json:"hidden_states"`
			} `json:"selected"`
			All struct {
				Argmax    [][]int      `json:"logit_argmax"`
				LogSumExp [][]*float64 `json:"logsumexp"`
			} `json:"all_positions"`
		} `json:"forward"`
	}
	readGolden(t, golden(t, "biogpt-tiny", "expected.json.gz"), &expected)
	eachBackend(t, func(t *testing.T, b *Backend) {
		rows := goldenShape.Size * goldenShape.Length
		sizes := []int{rows * cfg.Hidden, rows * cfg.Vocab}
		for range cfg.Layers + 1 {
			sizes = append(sizes, rows*cfg.Hidden)
		}
		run := evaluator(t, b, params, specs, func(n Nodes, in Batch) []*graph.Node {
			last, hidden := States(cfg, n, in, Options{})
			return append([]*graph.Node{last, Logits(n, last)}, hidden...)
		})
		for _, c := range expected.Forward {
			p := c.pack()
			out := run(p, sizes...)
			row := func(values []float32, at, width int) []float32 { return values[at*width : (at+1)*width] }
			for _, s := range c.Selected {
				at := s.Row*p.Length + s.Pos
				what := fmt.Sprintf("%s, row %d, position %d", c.Name, s.Row, s.Pos)
				near(t, what+", state", s.Last, row(out[0], at, cfg.Hidden))
				near(t, what+", logits", s.Logits, row(out[1], at, cfg.Vocab))
				for i, want := range s.Hidden {
					near(t, fmt.Sprintf("%s, layer %d", what, i), want, row(out[2+i], at, cfg.Hidden))
				}
			}
			for i := range c.IDs {
				for j := range c.IDs[i] {
					if !p.Mask[i*p.Length+j] {
						continue
					}
					best, sum := digest(row(out[1], i*p.Length+j, cfg.Vocab))
					if best != c.All.Argmax[i][j] || math.Abs(sum-*c.All.LogSumExp[i][j]) > tolerance {
						t.Errorf(
							"%s, row %d, position %d: argmax %d, logsumexp %v; want %d, %v", c.Name, i, j, best,
							sum, c.All.Argmax[i][j], *c.All.LogSumExp[i][j],
						)
					}
				}
			}
		}
	})
}

// digest returns the index of the largest logit and the logarithm of the sum of their exponentials.
func digest(logits []float32) (best int, logSumExp float64) {
	var sum float64
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
		sum += math.Exp(float64(v))
	}
	return best, math.Log(sum)
}
