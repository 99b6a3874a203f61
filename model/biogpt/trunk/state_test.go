package trunk

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

func TestSaveIsWhatLoadReads(t *testing.T) {
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := small(biogpt.Causal)
	start := biogpt.InitStructured(cfg, 4)
	trainer := newTrainer(t, b, cfg, start, Options{})
	read, err := biogpt.ReadParams(saved(t, trainer.Save), cfg.Trunk())
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range start {
		if !slices.Equal(values, read[name]) {
			t.Errorf("%s changed", name)
		}
	}
}

// saved opens the file that a function writes.
func saved(t *testing.T, write func(io.Writer) error) *weights.File {
	t.Helper()
	var file bytes.Buffer
	if err := write(&file); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRestoredGoesOnAlike takes steps, with dropout, in a trainer that is kept, and in one that is
// saved and restored after each: their states are the same bytes.
func TestRestoredGoesOnAlike(t *testing.T) {
	cfg := small(biogpt.Causal)
	start := biogpt.InitStructured(cfg, 4)
	all := following(sequences(cfg, 12, 7, 30, 9))
	opts := Options{Tokens: 64, Dropout: 0.1, Seed: 3}
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		state := func(tr *Trainer) []byte {
			var out bytes.Buffer
			if err := tr.SaveState(&out, map[string]string{"note": "x"}); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
		kept, restored := newTrainer(t, b, cfg, start, opts), newTrainer(t, b, cfg, start, opts)
		for i := range 4 {
			batches := [][]Example{all[:2]}
			if i%2 == 1 {
				batches = [][]Example{all[:2], all[2:]}
			}
			step(t, kept, 1e-2, batches...)
			before := state(restored)
			if b.Class() == device.GoMLX { // compiling for XLA takes long
				restored = newTrainer(t, b, cfg, biogpt.InitStructured(cfg, 99), opts)
			} else if err := restored.SetParams(biogpt.InitStructured(cfg, 99)); err != nil {
				t.Fatal(err)
			}
			f, err := weightstest.Open(before)
			if err != nil {
				t.Fatal(err)
			}
			if err := restored.RestoreState(f); err != nil {
				t.Fatal(err)
			}
			if f.Metadata()["note"] != "x" || restored.Steps() != i {
				t.Errorf("restored %v at step %d", f.Metadata(), restored.Steps())
			}
			step(t, restored, 1e-2, batches...)
			if !bytes.Equal(state(kept), state(restored)) {
				t.Fatalf("after step %d the states differ", i+1)
			}
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	cfg := small(biogpt.Causal)
	trainer := newTrainer(t, b, cfg, biogpt.InitStructured(cfg, 4), Options{})
	if err := trainer.RestoreState(saved(t, trainer.Save)); err == nil || !strings.Contains(err.Error(), `"" steps`) {
		t.Errorf("a file of parameters: %v", err)
	}
	wide := biogpt.NewConfig(24, 32, 1, 2, 20, 32, biogpt.Causal)
	other := newTrainer(t, b, wide, biogpt.InitStructured(wide, 4), Options{})
	err = trainer.RestoreState(saved(t, func(w io.Writer) error { return other.SaveState(w, nil) }))
	if err == nil || !strings.Contains(err.Error(), "shape") {
		t.Errorf("a state of another width: %v", err)
	}
}
