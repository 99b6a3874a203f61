package biogpt

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/weights"
)

func TestParseConfig(t *testing.T) {
	const base = `{"model_type":"biogpt","vocab_size":42384,"hidden_size":1024,"num_hidden_layers":24,
		"num_attention_heads":16,
		"intermediate_size":4096,"max_position_embeddings":1024,"layer_norm_eps":1e-12,"use_cache":true}`
	got, err := ParseConfig([]byte(base))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(NewConfig(42384, 1024, 24, 16, 4096, 1024, ""), got); diff != "" {
		t.Error(diff)
	}
	if !got.causal() {
		t.Error("a config that says nothing of attention is causal")
	}
	size := 0
	for _, s := range got.Trunk() {
		size += s.Size()
	}
	if size != 346_763_264 { // 346.8 M, reference biogpt.md
		t.Errorf("%d parameters", size)
	}
	for name, change := range map[string]string{
		"vocab_size":              `"vocab_size":0`,
		"num_attention_heads":     `"num_attention_heads":7`,
		"intermediate_size":       `"intermediate_size":-1`,
		"max_position_embeddings": `"max_position_embeddings":1e9`,
		"hidden_act":              `"hidden_act":"relu"`,
		"tie_word_embeddings":     `"tie_word_embeddings":false`,
		"attention":               `"attention":"sideways"`,
		"model_type":              `"model_type":"gpt2"`,
		"cannot unmarshal":        `"hidden_size":"wide"`,
	} {
		data := strings.TrimSuffix(base, "}") + "," + change + "}"
		if _, err := ParseConfig([]byte(data)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", change, err)
		}
	}
}

func TestConfigWrittenIsRead(t *testing.T) {
	want := NewConfig(100, 32, 2, 1, 64, 50, Bidirectional)
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseConfig(data)
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestStructuredHeadsLookAside computes, for the first layer and the positions alone, which
// position each head scores highest.
func TestStructuredHeadsLookAside(t *testing.T) {
	for _, c := range []struct {
		attention string
		offsets   []int
	}{{Bidirectional, []int{-1, +1, -2, +2}}, {Causal, []int{-1, -2, -3, 0}}} {
		cfg := NewConfig(50, 128, 2, 4, 64, 40, c.attention)
		params := InitStructured(cfg, 1)
		query, key := params[layer(1, "self_attn.q_proj.weight")], params[layer(1, "self_attn.k_proj.weight")]
		project := func(weight []float32, head, position int) []float64 {
			row := params[PositionTable][(position+positionOffset)*cfg.Hidden:]
			out := make([]float64, 32)
			for i := range out {
				for j := range positionDims {
					out[i] += float64(weight[(head*32+i)*cfg.Hidden+j]) * float64(row[j])
				}
			}
			return out
		}
		for head, offset := range c.offsets {
			const from = 20
			q := project(query, head, from)
			best, most := 0, math.Inf(-1)
			for to := range cfg.MaxPositions {
				var score float64
				for i, k := range project(key, head, to) {
					score += q[i] * k
				}
				if score > most {
					best, most = to, score
				}
			}
			if best-from != offset {
				t.Errorf("%s: head %d looks %+d away, want %+d", c.attention, head, best-from, offset)
			}
		}
	}
}

func TestInitStructuredIsRepeatable(t *testing.T) {
	cfg := NewConfig(50, 64, 1, 2, 64, 40, Causal)
	a, b, c := InitStructured(cfg, 1), InitStructured(cfg, 1), InitStructured(cfg, 2)
	for name := range a {
		if !slices.Equal(a[name], b[name]) {
			t.Errorf("%s differs for the same seed", name)
		}
	}
	if slices.Equal(a[TokenTable], c[TokenTable]) {
		t.Error("another seed gave the same table")
	}
	var squares float64
	for _, v := range a[TokenTable] {
		squares += float64(v) * float64(v)
	}
	if spread := math.Sqrt(squares/float64(len(a[TokenTable]))) * 8; math.Abs(spread-tokenSpread) > 0.02 {
		t.Errorf("token table has spread %g/sqrt(d)", spread)
	}
}

func TestLoadRefuses(t *testing.T) {
	cfg := NewConfig(8, 4, 1, 1, 4, 4, Causal)
	params := InitStructured(cfg, 1)
	config, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	file := func(drop string, reshape bool) []byte {
		var b strings.Builder
		var tensors []weights.Tensor
		for _, tensor := range params.Tensors(cfg.Trunk()) {
			if tensor.Name == PositionTable && reshape {
				tensor.Shape = []int{tensor.Shape[1], tensor.Shape[0]}
			}
			if tensor.Name != drop {
				tensors = append(tensors, tensor)
			}
		}
		if err := weights.Write(&b, tensors, nil); err != nil {
			t.Fatal(err)
		}
		return []byte(b.String())
	}
	dir := func(config, weights []byte) fstest.MapFS {
		fsys := fstest.MapFS{}
		if config != nil {
			fsys[ConfigFile] = &fstest.MapFile{Data: config}
		}
		if weights != nil {
			fsys[WeightsFile] = &fstest.MapFile{Data: weights}
		}
		return fsys
	}
	if got, read, err := Load(dir(config, file("", false))); err != nil || got != cfg ||
		!slices.Equal(read[TokenTable], params[TokenTable]) {
		t.Fatalf("a good directory: %v", err)
	}
	for want, fsys := range map[string]fstest.MapFS{
		ConfigFile:                          dir(nil, nil),
		WeightsFile:                         dir(config, nil),
		"too few":                           dir(config, []byte("x")),
		"\"" + finalNorm + ".bias\" is":     dir(config, file(finalNorm+".bias", false)),
		"\"" + PositionTable + "\" has sha": dir(config, file("", true)),
		"unexpected end":                    dir([]byte("{"), nil),
	} {
		if _, _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}
