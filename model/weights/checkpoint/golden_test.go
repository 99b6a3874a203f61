package checkpoint_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/checkpoint"
)

// golden opens a file of the fixtures, and skips the test where they are not there.
func golden(t *testing.T, elem ...string) *checkpoint.Checkpoint {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "..", "shared", "golden"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("golden fixtures are not there: %v", err)
	}
	c, err := checkpoint.OpenFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func values(t *testing.T, c *checkpoint.Checkpoint, name string) []float32 {
	t.Helper()
	l, ok := c.Set[name]
	if !ok {
		t.Fatalf("no tensor %q", name)
	}
	v, err := c.AppendFloat32s(nil, name, l.Shape)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// same reports where the tensors of two checkpoints differ after each value of the first went
// through round.
func same(t *testing.T, want, got *checkpoint.Checkpoint, round func(float32) float32) {
	t.Helper()
	for _, name := range want.Names() {
		if !slices.Equal(want.Set[name].Shape, got.Set[name].Shape) {
			t.Fatalf("%s: shape %v instead of %v", name, got.Set[name].Shape, want.Set[name].Shape)
		}
		a, b := values(t, want, name), values(t, got, name)
		for i := range a {
			if math.Float32bits(round(a[i])) != math.Float32bits(b[i]) {
				t.Fatalf("%s: value %d is %v instead of %v", name, i, b[i], a[i])
			}
		}
	}
	for _, name := range got.Names() {
		if _, ok := want.Set[name]; !ok && name != "output_projection.weight" {
			t.Errorf("%s is not in the other", name)
		}
	}
	if tied, err := got.Tied(); !tied || err != nil {
		t.Errorf("tied: %v, %v", tied, err)
	}
}

func exactly(v float32) float32 { return v }

// toHalf rounds to the nearest binary16 value, ties to even; the fixtures hold none beyond its
// range.
func toHalf(v float32) float32 {
	exponent := max(math.Ilogb(float64(v)), -14)
	if v == 0 {
		return v
	}
	step := math.Ldexp(1, exponent-10)
	return float32(math.Copysign(math.RoundToEven(math.Abs(float64(v))/step)*step, float64(v)))
}

func TestEveryFormatHoldsTheSameTensors(t *testing.T) {
	want := golden(t, "biogpt-tiny", "model.safetensors")
	if n := len(want.Names()); n != 52 {
		t.Errorf("%d tensors instead of 52", n)
	}
	for name, format := range map[string]string{
		"model.safetensors": "safetensors", "pytorch_model.bin": "torch zip",
		"pytorch_model_legacy.bin": "torch before 1.6",
		"checkpoint.pt":            "torch zip, fairseq",
	} {
		got := golden(t, "biogpt-tiny", name)
		if got.Format != format {
			t.Errorf("%s is of the format %q instead of %q", name, got.Format, format)
		}
		same(t, want, got, exactly)
	}
	half := golden(t, "biogpt-tiny", "checkpoint_fp16_namespace.pt")
	if dtype := half.Set["biogpt.layer_norm.weight"].DType; dtype != weights.F16 {
		t.Errorf("dtype %s instead of F16", dtype)
	}
	same(t, want, half, toHalf)
	for _, c := range []*checkpoint.Checkpoint{half, golden(t, "biogpt-tiny", "checkpoint.pt")} {
		if n, ok := c.Settings.Get("decoder_layers"); !ok || n != any(int64(3)) {
			t.Errorf("the settings say %v layers", n)
		}
	}
	for _, kind := range []string{"token", "sequence"} {
		same(
			t, golden(t, "biogpt-tiny-heads", kind, "model.safetensors"),
			golden(t, "biogpt-tiny-heads", kind, "pytorch_model.bin"), exactly,
		)
	}
}
