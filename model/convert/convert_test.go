package convert_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/convert"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/torch/torchtest"
	"github.com/pubmine/pubmine/model/weights/weightstest"
	"github.com/pubmine/pubmine/schemas"
)

// config is that of the trunk in these tests.
func config() biogpt.Config { return biogpt.NewConfig(12, 8, 2, 2, 16, 10, "") }

// target is a Target in memory.
type target map[string][]byte

func (t target) Write(name string, write func(io.Writer) error) (string, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return "", err
	}
	t[name] = b.Bytes()
	return digest(t[name]), nil
}

// Commit keeps the card.
func (t target) Commit(card catalog.Card) error {
	card.SHA256 = map[string]string{}
	for name, data := range t {
		card.SHA256[name] = digest(data)
	}
	data, err := json.Marshal(card)
	t[catalog.CardFile] = data
	return err
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (t target) dir() fstest.MapFS {
	dir := fstest.MapFS{}
	for name, data := range t {
		dir[name] = &fstest.MapFile{Data: data}
	}
	return dir
}

// state returns the trunk as a state dict, with renamed parameters.
func state(cfg biogpt.Config, rename func(string) string) torchtest.OrderedDict {
	params := biogpt.InitStructured(cfg, 1)
	var d torchtest.OrderedDict
	for i, s := range cfg.Trunk() {
		var shape []int64
		for _, n := range s.Shape {
			shape = append(shape, int64(n))
		}
		d = append(
			d,
			torchtest.Item{Key: rename(s.Name), Value: torchtest.Float32s(fmt.Sprint(i), params[s.Name], shape...)},
		)
	}
	return append(d, torchtest.Item{Key: "output_projection.weight", Value: d[0].Value})
}

func asIs(name string) string { return name }

func fairseqName(name string) string { return strings.Replace(name, "biogpt.", "decoder.", 1) }

func vocabulary(pieces int) map[string]string {
	ids := map[string]int{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
	for i := len(ids); i < pieces; i++ {
		ids[fmt.Sprintf("%c</w>", 'a'+i)] = i
	}
	data, _ := json.Marshal(ids) // of strings and numbers
	return map[string]string{"vocab.json": string(data), "merges.txt": ""}
}

// directory returns a published model with changed files; nil removes a file.
func directory(t *testing.T, changed map[string][]byte) fstest.MapFS {
	t.Helper()
	data, err := json.Marshal(config())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"config.json": data, "pytorch_model.bin": torchtest.Zip(state(config(), asIs))}
	for name, text := range vocabulary(12) {
		files[name] = []byte(text)
	}
	maps.Copy(files, changed)
	dir := fstest.MapFS{}
	for name, data := range files {
		if data != nil {
			dir[name] = &fstest.MapFile{Data: data}
		}
	}
	return dir
}

func settings(edit ...torchtest.Item) torchtest.Dict {
	return append(torchtest.Dict{
		{
			Key: "decoder_embed_dim", Value: int64(8),
		}, {Key: "decoder_layers", Value: int64(2)}, {Key: "decoder_attention_heads", Value: int64(2)},
		{
			Key: "decoder_ffn_embed_dim", Value: int64(16),
		}, {Key: "activation_fn", Value: "gelu"}, {Key: "decoder_normalize_before", Value: true},
		{Key: "share_decoder_input_output_embed", Value: true}, {Key: "no_scale_embedding", Value: false},
	}, edit...)
}

func fairseq(settings any) []byte {
	return torchtest.Zip(torchtest.Dict{
		{Key: "args", Value: nil}, {Key: "cfg", Value: torchtest.Dict{{Key: "model", Value: settings}}},
		{Key: "model", Value: state(config(), fairseqName)[:len(config().Trunk())]},
	})
}

func open(dir fs.FS) (*convert.Model, error) {
	return convert.Open(convert.Source{Path: "in", Dir: dir, Vocabulary: dir})
}

func TestEveryFormatBecomesTheSameDirectory(t *testing.T) {
	dict := "a 9\nb 9\nc@@ 9\nd 9\ne 9\nf 9\ng 9\nh 9\n"
	for name, dir := range map[string]fstest.MapFS{
		"torch":  directory(t, nil),
		"legacy": directory(t, map[string][]byte{"pytorch_model.bin": torchtest.Legacy(state(config(), asIs))}),
		"fairseq": directory(t, map[string][]byte{
			"pytorch_model.bin": nil, "config.json": nil, "checkpoint.pt": fairseq(settings()),
		}),
		"dict": directory(t, map[string][]byte{
			"pytorch_model.bin": nil, "config.json": nil, "vocab.json": nil, "merges.txt": nil,
			"checkpoint.pt": fairseq(torchtest.Namespace(settings())), "dict.txt": []byte(dict), "bpecodes": {},
		}),
	} {
		m, err := open(dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n, types := m.Parameters(); n != 1408 || !slices.Equal(types, []weights.DType{weights.F32}) ||
			m.Pieces != 12 {
			t.Errorf("%s: %d parameters of type %v, %d pieces", name, n, types, m.Pieces)
		}
		out := target{}
		if err := m.WriteTo(out, catalog.Card{Name: "small", Licence: "MIT"}); err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		cfg, params, err := biogpt.Load(out.dir())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(biogpt.InitStructured(config(), 1), params); diff != "" || cfg != config() {
			t.Errorf("%s: %v %s", name, cfg, diff)
		}
		again, err := open(out.dir())
		if err != nil {
			t.Fatalf("%s: what was written: %v", name, err)
		}
		if again.Card == nil || again.Card.Name != "small" || len(again.Card.SHA256) != len(out)-1 ||
			again.Weights.Format != "safetensors" {
			t.Errorf("%s: card %v, format %s", name, again.Card, again.Weights.Format)
		}
	}
}

func TestHeadsAndCardsStay(t *testing.T) {
	head := weights.FromFloat32s("classifier.bias", []float32{1, 2}, 2)
	half := weights.Tensor{Name: "score.weight", DType: weights.F16, Shape: []int{1}, Data: []byte{0, 0x3c}}
	other := weights.FromFloat32s("lm_head.bias", []float32{3}, 1)
	tensors := append(biogpt.InitStructured(config(), 1).Tensors(config().Trunk()), head, half, other)
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, map[string]string{"head.ner.types": "[]"}); err != nil {
		t.Fatal(err)
	}
	card := `{"name":"mine","licence":"CC0","tasks":["ner"],"types":["Gene"],"training":[],"scores":[],` +
		`"sha256":{"config.json":"00"}}`
	m, err := open(
		directory(
			t,
			map[string][]byte{"pytorch_model.bin": nil, "model.safetensors": b.Bytes(), catalog.CardFile: []byte(card)},
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Left, []string{"lm_head.bias"}) {
		t.Errorf("left: %v", m.Left)
	}
	out := target{}
	if err := m.WriteTo(out, catalog.Card{Name: "other"}); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(out["model.safetensors"])
	if err != nil {
		t.Fatal(err)
	}
	kept, err := f.Tensor("score.weight")
	if err != nil || !cmp.Equal(kept, half) || f.Metadata()["head.ner.types"] != "[]" {
		t.Errorf("%v, %v, metadata %v", kept, err, f.Metadata())
	}
	if written, err := catalog.ParseCard(out[catalog.CardFile]); err != nil || written.Name != "mine" ||
		len(written.SHA256) != 4 {
		t.Errorf("%v, %v", written, err)
	}
}

func TestRefuses(t *testing.T) {
	trunk := state(config(), asIs)
	without := func(drop string) torchtest.OrderedDict {
		return slices.DeleteFunc(slices.Clone(trunk), func(i torchtest.Item) bool { return i.Key == drop })
	}
	with := func(key string, value any) torchtest.OrderedDict {
		return append(without(key), torchtest.Item{Key: key, Value: value})
	}
	long := &torchtest.Tensor{
		Storage: &torchtest.Storage{Key: "l", Class: "LongStorage", Elements: 8, Data: make([]byte, 64)},
		Shape:   []int64{8}, Strides: []int64{1},
	}
	repeated := slices.Clone(trunk)
	for i := range 200 {
		repeated = append(repeated, torchtest.Item{Key: fmt.Sprintf("score.%d", i), Value: trunk[0].Value})
	}
	zeros := func(n int, shape ...int64) *torchtest.Tensor {
		return torchtest.Float32s("x", make([]float32, n), shape...)
	}
	unnormalized := torchtest.Item{Key: "decoder_normalize_before", Value: torchtest.Tuple{}}
	weightsOf := func(d torchtest.OrderedDict) map[string][]byte {
		return map[string][]byte{"pytorch_model.bin": torchtest.Zip(d)}
	}
	fairseqOf := func(settings any) map[string][]byte {
		return map[string][]byte{"pytorch_model.bin": nil, "config.json": nil, "checkpoint.pt": fairseq(settings)}
	}
	words := func(n int) map[string][]byte {
		return map[string][]byte{"vocab.json": []byte(vocabulary(n)["vocab.json"])}
	}
	for want, changed := range map[string]map[string][]byte{
		"no weights found": {"pytorch_model.bin": nil},
		"no config.json":   {"config.json": nil},
		"model_type": {"config.json": []byte(`{"model_type":"gpt2","vocab_size":12,` +
			`"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":1,"intermediate_size":1,` +
			`"max_position_embeddings":9}`)},
		"is missing":                      weightsOf(without("biogpt.layer_norm.bias")),
		"the config asks for":             weightsOf(with("biogpt.layer_norm.bias", zeros(9, 9))),
		"is of type I64":                  weightsOf(with("biogpt.layer_norm.bias", long)),
		"is not a parameter of the model": weightsOf(with("biogpt.layers.2.fc1.bias", zeros(16, 16))),
		"differs from its token":          weightsOf(with("output_projection.weight", zeros(96, 12, 8))),
		"tensors must not share memory":   weightsOf(repeated),
		"no vocabulary: ":                 {"vocab.json": nil},
		"merges.txt":                      {"merges.txt": nil},
		"has 13 pieces, the config":       words(13),
		"is not <s>":                      {"vocab.json": []byte(`{"a":0,"b":1,"c":2,"d":3}`)},
		"decoder_layers is missing":       fairseqOf(settings(torchtest.Item{Key: "decoder_layers", Value: nil})),
		"activation_fn is not gelu":       fairseqOf(settings(torchtest.Item{Key: "activation_fn", Value: "relu"})),
		"normalize_before is not":         fairseqOf(settings(unnormalized)),
		catalog.CardFile:                  {catalog.CardFile: []byte(`{"name":""}`)},
	} {
		_, err := open(directory(t, changed))
		var bad *schemas.BadInputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestVocabularyMayBeLeftOut(t *testing.T) {
	m, err := convert.Open(convert.Source{Path: "in", Dir: directory(t, map[string][]byte{"vocab.json": nil})})
	if err != nil || m.Pieces != 0 {
		t.Fatalf("%v", err)
	}
	out := target{}
	if err := m.WriteTo(out, catalog.Card{Name: "x"}); err != nil || len(out) != 3 {
		t.Errorf("%d files, %v", len(out), err)
	}
}

// failing refuses to write one file.
type failing struct {
	target
	name string
}

func (f failing) Write(name string, write func(io.Writer) error) (string, error) {
	if name == f.name {
		return "", fs.ErrPermission
	}
	return f.target.Write(name, write)
}

func TestNoCardUnlessAllIsWritten(t *testing.T) {
	m, err := open(directory(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "config.json", "vocab.json", "merges.txt"} {
		out := failing{target{}, name}
		if err := m.WriteTo(out, catalog.Card{Name: "x"}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
		if _, ok := out.target[catalog.CardFile]; ok {
			t.Errorf("%s could not be written, but the card was", name)
		}
	}
}
