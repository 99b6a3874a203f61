package lm

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"testing"
	"testing/fstest"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// tiny is a model directory with the vocabulary of letters. Its table has the given number of rows,
// by default one for each piece.
func tiny(t *testing.T, rows ...int) fs.FS {
	t.Helper()
	tok := letters(t)
	vocabulary := tok.Size()
	if len(rows) > 0 {
		vocabulary = rows[0]
	}
	cfg := biogpt.NewConfig(vocabulary, 2, 1, 1, 2, 8, biogpt.Causal)
	files, err := tok.Files()
	if err != nil {
		t.Fatal(err)
	}
	if files[biogpt.ConfigFile], err = json.Marshal(cfg); err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if err := weights.Write(&data, constant(cfg).Tensors(cfg.Trunk()), nil); err != nil {
		t.Fatal(err)
	}
	files[biogpt.WeightsFile] = data.Bytes()
	dir := fstest.MapFS{}
	for name, data := range files {
		dir[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	return dir
}

// constant returns parameters for which every state is (1, 0), so that the logit of a token is the
// first value of its row: ln 2 for "a" (4), 0 for others.
func constant(cfg biogpt.Config) biogpt.Params {
	params := biogpt.Params{}
	for _, s := range cfg.Trunk() {
		params[s.Name] = make([]float32, s.Size())
	}
	params["biogpt.layer_norm.bias"][0] = 1
	params[biogpt.TokenTable][4*cfg.Hidden] = float32(math.Ln2)
	return params
}

// A model with a probability of 2/12 for "a" and 1/12 for each of the other ten pieces has the loss
// calculated by hand.
func TestMeasureByHand(t *testing.T) {
	tok := letters(t)
	cfg := biogpt.NewConfig(tok.Size(), 2, 1, 1, 2, 8, biogpt.Causal)
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := trunk.NewTrainer(b, cfg, constant(cfg), trunk.Options{Tokens: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	// "aac c" is a a c</w> c</w>, then the end: five targets, two of them "a". "aab" is a ab</w>
	// and the end.
	got, err := Measure(t.Context(), trainer, tok, []*schemas.Document{text("aac c"), text("aab")})
	if err != nil {
		t.Fatal(err)
	}
	sum := 3*math.Log(12.0/2) + 5*math.Log(12)
	if got.Documents != 2 || got.Loss.Targets != 8 || got.Words != 3 || got.Bytes != 8 || got.Masked ||
		math.Abs(got.Loss.Sum-sum) > 1e-5 {
		t.Errorf("%+v, want a loss of %g", got, sum)
	}
	engine, err := biogpt.NewEngine(device.OpenCPU(), cfg, constant(cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	kernels, err := MeasureKernels(t.Context(), engine, cfg, tok, []*schemas.Document{text("aac c"), text("aab")})
	if err != nil || kernels.Loss.Targets != 8 || math.Abs(kernels.Loss.Sum-sum) > 1e-5 {
		t.Errorf("kernels: %+v, %v, want a loss of %g", kernels, err, sum)
	}
	p := got.Perplexity()
	for name, x := range map[string][2]float64{
		"loss": {p.Loss, sum / 8}, "perplexity": {p.Token, math.Exp(sum / 8)},
		"per word": {p.Word, math.Exp(sum / 3)}, "bits per byte": {p.BitsPerByte, sum / math.Ln2 / 8},
	} {
		if math.Abs(x[0]-x[1]) > 1e-3*x[1] {
			t.Errorf("%s: %g, want %g", name, x[0], x[1])
		}
	}
	// A text longer than the window of 8 is cut, and each of its tokens is predicted once.
	long, err := Measure(t.Context(), trainer, tok, []*schemas.Document{text("aaaaaaaaaaaaaaaaaac")})
	if want := 18*math.Log(6) + 2*math.Log(12); err != nil || long.Loss.Targets != 20 ||
		math.Abs(long.Loss.Sum-want) > 1e-4 {
		t.Errorf("%+v, %v; want %g", long, err, want)
	}
	if sum := got.Add(long); sum.Documents != 3 || sum.Loss.Targets != 28 || sum.Words != 4 || sum.Bytes != 27 {
		t.Errorf("together %+v", sum)
	}
}

// The same model as a masked language model: the loss of every masked piece except "a" is ln 12.
func TestMeasureMasked(t *testing.T) {
	tok := letters(t)
	cfg := biogpt.NewConfig(tok.Size(), 2, 1, 1, 2, 8, biogpt.Bidirectional)
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := trunk.NewTrainer(b, cfg, constant(cfg), trunk.Options{Tokens: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	docs := []*schemas.Document{text("b b c"), text("c b")}
	got, err := Measure(t.Context(), trainer, tok, docs)
	if err != nil || !got.Masked || got.Loss.Targets == 0 || math.Abs(got.Loss.Mean()-math.Log(12)) > 1e-5 {
		t.Errorf("%+v, %v", got, err)
	}
	if p := got.Perplexity(); p.Word != 0 || p.BitsPerByte != 0 || math.Abs(p.Token-12) > 1e-3 {
		t.Errorf("%+v", p)
	}
	if again, err := Measure(t.Context(), trainer, tok, docs); err != nil || again != got {
		t.Errorf("measured again %+v, %v", again, err)
	}
}
