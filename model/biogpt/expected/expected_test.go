package expected

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// model is a small trunk on the GoMLX backend.
func model(t *testing.T) (*biogpt.Backend, biogpt.Config, biogpt.Params, *biogpt.Engine) {
	t.Helper()
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := biogpt.NewConfig(40, 32, 1, 2, 48, 32, "")
	params := biogpt.InitStructured(cfg, 1)
	e, err := biogpt.NewEngine(b, cfg, params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		b.Close()
	})
	return b, cfg, params, e
}

// made is a file with the outputs of the model itself, one row padded on the left.
func made(t *testing.T) (*File, *Projection, *biogpt.Engine) {
	t.Helper()
	b, cfg, params, e := model(t)
	p, err := NewProjection(Subject{Backend: b, Config: cfg, Weights: params, Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	in := input{Name: "two", IDs: [][]int32{{2, 7, 9}, {1, 2, 11}}, Mask: [][]int32{{1, 1, 1}, {0, 1, 1}}}
	states, err := e.Encode(context.Background(), in.sequences())
	if err != nil {
		t.Fatal(err)
	}
	batch := forward{input: in, Selected: []selected{{Row: 1, Pos: 2, State: states[1][cfg.Hidden:]}}}
	batch.All.Argmax = [][]int{make([]int, 3), make([]int, 3)}
	batch.All.LogSumExp = [][]*float64{make([]*float64, 3), make([]*float64, 3)}
	for row := range states {
		err := p.each(states[row], func(i int, logits []float32) {
			best, sum := digest(logits)
			batch.All.Argmax[row][i+row], batch.All.LogSumExp[row][i+row] = best, &sum
			if row == 1 && i == 1 {
				batch.Selected[0].Logits = append([]float32(nil), logits...)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	other := batch
	other.Rule = "arange"
	return &File{Forwards: []forward{batch, other}}, p, e
}

func TestForward(t *testing.T) {
	f, p, e := made(t)
	results, err := f.Forward(context.Background(), e, p)
	if err != nil || len(results) != 1 {
		t.Fatalf("%v, %v", results, err)
	}
	if r := results[0]; r.Values != 7 || r.State != 0 || r.Logit != 0 || r.Wrong != 0 {
		t.Errorf("%+v", r)
	}
	b := &f.Forwards[0]
	b.Selected[0].State[3] += 0.5
	b.Selected[0].Logits[3] -= 0.25
	b.All.Argmax[1][2] = 39
	results, err = f.Forward(context.Background(), e, p)
	if err != nil {
		t.Fatal(err)
	}
	r := results[0]
	if math.Abs(r.State-0.5) > 1e-6 || math.Abs(r.Logit-0.25) > 1e-6 || r.Wrong != 1 ||
		!strings.Contains(r.Mismatch, "row 1, token 1") {
		t.Errorf("%+v", r)
	}
	b.IDs[0][1] = 40
	if _, err := f.Forward(context.Background(), e, p); err == nil || !strings.Contains(err.Error(), "batch two") {
		t.Errorf("an id beyond the vocabulary: %v", err)
	}
}

// TestProjectionIsAProduct compares it with sums in float64.
func TestProjectionIsAProduct(t *testing.T) {
	b, cfg, params, e := model(t)
	testProjection(t, Subject{Backend: b, Config: cfg, Weights: params, Engine: e})
	kernels, err := biogpt.NewEngine(device.OpenCPU(), cfg, params)
	if err != nil {
		t.Fatal(err)
	}
	defer kernels.Close()
	testProjection(t, Subject{Backend: device.OpenCPU(), Config: cfg, Weights: params, Engine: kernels})
}

func testProjection(t *testing.T, s Subject) {
	t.Helper()
	p, err := NewProjection(s)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	cfg, table := s.Config, s.Weights.(biogpt.Params)[biogpt.TokenTable]
	states := slices.Repeat(table[:20*cfg.Hidden], 7) // more than are projected at once
	seen := 0
	err = p.each(states, func(i int, logits []float32) {
		if i != seen || len(logits) != cfg.Vocab {
			t.Fatalf("state %d has %d logits", i, len(logits))
		}
		seen++
		for v, got := range logits {
			var want float64
			for d := range cfg.Hidden {
				want += float64(states[i*cfg.Hidden+d]) * float64(table[v*cfg.Hidden+d])
			}
			if math.Abs(want-float64(got)) > 1e-5 {
				t.Fatalf("state %d, logit %d: %v, want %v", i, v, got, want)
			}
		}
	})
	if err != nil || seen != 140 {
		t.Errorf("%d states, %v", seen, err)
	}
}

func TestGeneration(t *testing.T) {
	_, _, _, e := model(t)
	d, err := biogpt.NewDecoder(e, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	in := input{Name: "run", IDs: [][]int32{{2, 7}, {1, 2}}, Mask: [][]int32{{1, 1}, {0, 1}}}
	f := &File{
		Generations: []generation{
			{
				input: in,
				Options: json.RawMessage(
					`{"num_beams":2,"max_new_tokens":3,"length_penalty":1.0,"early_stopping":true}`,
				),
			},
		},
	}
	results, err := f.Generation(context.Background(), d, d.Limits())
	if err != nil || results[0].Wrong != 1 || !strings.Contains(results[0].Mismatch, "2 sequences instead of 0") {
		t.Fatalf("%+v, %v", results, err)
	}
	g := &f.Generations[0]
	g.Tokens = [][]int32{{5}, {5}}
	if results, err = f.Generation(context.Background(), d, d.Limits()); err != nil || results[0].Wrong != 2 ||
		results[0].Values != 2 {
		t.Fatalf("%+v, %v", results, err)
	}
	g.Options = json.RawMessage(`{"num_beams":2,"typical_p":0.5}`)
	if _, err := f.Generation(context.Background(), d, d.Limits()); err == nil ||
		!strings.Contains(err.Error(), "typical_p") {
		t.Errorf("an option that is not known: %v", err)
	}
}

func TestGolden(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "golden", "biogpt-tiny")
	in, err := os.Open(filepath.Join(dir, "expected.json.gz"))
	if err != nil {
		t.Skipf("golden fixtures are not there: %v", err)
	}
	defer in.Close()
	f, err := Read(in)
	if err != nil {
		t.Fatal(err)
	}
	cfg, params, err := biogpt.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	graphs, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	defer graphs.Close()
	for _, b := range []*biogpt.Backend{graphs, device.OpenCPU()} {
		e, err := biogpt.NewEngine(b, cfg, params)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		results, err := f.Compare(
			context.Background(), Subject{Backend: b, Config: cfg, Weights: params, Engine: e, Slots: 8},
		)
		if err != nil || len(results) != 6+15 {
			t.Errorf("%s: %d batches and runs were compared, %v", b.Class(), len(results), err)
		}
		for _, r := range results {
			if r.Wrong > 0 || r.State > 1e-4 || r.Logit > 1e-4 || r.LogProb > 1e-4 || r.Values == 0 {
				t.Errorf("%s: %+v", b.Class(), r)
			}
		}
	}
}

func TestRead(t *testing.T) {
	const good = `{"forward":[{"name":"x","input_ids":[[2,3]],"attention_mask":[[1,0]],` +
		`"selected":[{"row":0,"pos":0}]}]}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(good))
	z.Close()
	for _, text := range []string{good, zipped.String()} {
		if f, err := Read(strings.NewReader(text)); err != nil || len(f.Forwards) != 1 {
			t.Errorf("%v, %v", f, err)
		}
	}
	const all = `"all_positions":{"logit_argmax":`
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for text, want := range map[string]string{
		"": "EOF", "{}": "neither", "\x1f\x8bxxx": "EOF",
		replace(`"pos":0`, `"pos":1`):                                         "no token at 1",
		replace(`"row":0`, `"row":1`):                                         "row 1 has no token",
		replace(`"pos":0`, `"pos":-1`):                                        "no token at -1",
		replace(`[[1,0]]`, `[[1]]`):                                           "a mask of 1",
		replace(`[[1,0]]`, `[]`):                                              "0 of the mask",
		replace(`"selected"`, all+`[[1]],"logsumexp":[[1]]},"selected"`):      "a value for each token",
		replace(`"selected"`, all+`[[1,2]]},"selected"`):                      "a row for each sequence",
		`{"generation":[{"name":"x","input_ids":[[1]],"attention_mask":[]}]}`: "0 of the mask",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
	}
}

func TestDistance(t *testing.T) {
	if d := distance([]float64{1, 2}, []float64{1.5, 2}); d != 0.5 {
		t.Error(d)
	}
	if d := distance([]float32{1}, []float32{float32(math.NaN())}); !math.IsInf(d, 1) {
		t.Error(d)
	}
	if d := distance([]float32{1}, nil); !math.IsInf(d, 1) {
		t.Error(d)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(
		[]byte(
			`{"forward":[{"name":"x","input_ids":[[2,3]],"attention_mask":[[1,0]],"selected":[{"row":0,"pos":0}]}]}`,
		),
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, b := range file.Forwards {
			rows := b.sequences()
			for _, s := range b.Selected {
				if at := b.place(s.Row, s.Pos); at >= len(rows[s.Row]) {
					t.Errorf("token %d of %d", at, len(rows[s.Row]))
				}
			}
		}
	})
}
