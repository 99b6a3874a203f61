package cpu

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/weights"
)

// golden returns the folder of the reference's tiny model, or skips the test.
func golden(t *testing.T) fs.FS {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "shared", "golden", "biogpt-tiny")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the reference's values are not here: %v", err)
	}
	return os.DirFS(dir)
}

// expected is what transformers computed with the tiny model.
type expected struct {
	Forward []struct {
		goldenInput
		Selected []struct {
			Row    int       `json:"row"`
			Pos    int       `json:"pos"`
			Last   []float32 `json:"last_hidden_state"`
			Logits []float32 `json:"logits"`
		} `json:"selected"`
		All struct {
			Argmax    [][]int      `json:"logit_argmax"`
			LogSumExp [][]*float64 `json:"logsumexp"`
		} `json:"all_positions"`
	} `json:"forward"`
	Generation []goldenRun `json:"generation"`
}

type goldenInput struct {
	Name      string    `json:"name"`
	IDs       [][]int32 `json:"input_ids"`
	Mask      [][]int32 `json:"attention_mask"`
	Positions [][]int32 `json:"position_ids"`
}

// rows returns the ids without padding, and where each row begins.
func (g goldenInput) rows() (rows [][]int32, begin []int) {
	for i, mask := range g.Mask {
		from := slices.Index(mask, 1)
		to := from
		for to < len(mask) && mask[to] == 1 {
			to++
		}
		rows, begin = append(rows, g.IDs[i][from:to]), append(begin, from)
	}
	return rows, begin
}

// countsPadding reports whether a row that begins there does not have the first position there.
func (g goldenInput) countsPadding(begin []int) bool {
	for i, at := range begin {
		if g.Positions[i][at] != 0 {
			return true
		}
	}
	return false
}

type goldenRun struct {
	goldenInput
	Options struct {
		Beams         int     `json:"num_beams"`
		MaxNew        int     `json:"max_new_tokens"`
		MaxLength     int     `json:"max_length"`
		MinNew        int     `json:"min_new_tokens"`
		MinLength     int     `json:"min_length"`
		LengthPenalty float64 `json:"length_penalty"`
		EarlyStopping bool    `json:"early_stopping"`
		Return        int     `json:"num_return_sequences"`
	} `json:"generate"`
	New      [][]int32   `json:"new_tokens"`
	LogProbs [][]float64 `json:"token_log_probs"`
}

// loadGolden reads the tiny model and what is expected of it.
func loadGolden(t *testing.T, k kernels) (*Trunk, expected) {
	t.Helper()
	dir := golden(t)
	data, err := fs.ReadFile(dir, "config.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Vocab      int  `json:"vocab_size"`
		Hidden     int  `json:"hidden_size"`
		Layers     int  `json:"num_hidden_layers"`
		Heads      int  `json:"num_attention_heads"`
		FFN        int  `json:"intermediate_size"`
		Positions  int  `json:"max_position_embeddings"`
		ScaleEmbed bool `json:"scale_embedding"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	file, closeFile, err := weights.OpenFS(dir, "model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer closeFile()
	trunk, err := newTrunk(
		Config{c.Vocab, c.Hidden, c.Layers, c.Heads, c.FFN, c.Positions, c.ScaleEmbed, false}, file, 2, k,
	)
	if err != nil {
		t.Fatal(err)
	}
	f, err := dir.Open("expected.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var want expected
	if err := json.NewDecoder(z).Decode(&want); err != nil {
		t.Fatal(err)
	}
	return trunk, want
}

func TestForwardEqualsReference(t *testing.T) {
	eachKernels(t, func(t *testing.T, k kernels) {
		trunk, want := loadGolden(t, k)
		for _, c := range want.Forward {
			sequences, begin := c.rows()
			if c.countsPadding(begin) {
				continue // no sequence has such positions here
			}
			states, err := trunk.States(context.Background(), sequences)
			if err != nil {
				t.Fatal(err)
			}
			var logits [][][]float32
			for _, ids := range sequences {
				logits = append(logits, each(t, trunk, ids))
			}
			for _, s := range c.Selected {
				at := s.Pos - begin[s.Row]
				what := fmt.Sprintf("%s, row %d, position %d", c.Name, s.Row, s.Pos)
				for i, v := range s.Last {
					near(t, what, float64(v), float64(states[s.Row][at*trunk.cfg.Hidden+i]))
				}
				for i, v := range s.Logits {
					near(t, what, float64(v), float64(logits[s.Row][at][i]))
				}
			}
			for row, of := range logits {
				for at, logits := range of {
					var sum float64
					for _, v := range logits {
						sum += math.Exp(float64(v))
					}
					pos := begin[row] + at
					if best := slices.Index(logits, slices.Max(logits)); best != c.All.Argmax[row][pos] {
						t.Errorf(
							"%s, row %d, position %d: argmax %d, want %d", c.Name, row, pos, best,
							c.All.Argmax[row][pos],
						)
					}
					near(t, c.Name+": logsumexp", *c.All.LogSumExp[row][pos], math.Log(sum))
				}
			}
		}
	})
}

// each returns the logits after every one of ids.
func each(t *testing.T, trunk *Trunk, ids []int32) (all [][]float32) {
	t.Helper()
	d, err := trunk.Decoder(1)
	if err != nil {
		t.Fatal(err)
	}
	logits, err := d.Prefill(context.Background(), []decoding.Prompt{{Slot: 0, IDs: ids[:1]}})
	for _, id := range ids[1:] {
		if err != nil {
			break
		}
		all = append(all, slices.Clone(logits[0]))
		logits, err = d.Step(context.Background(), []decoding.Token{{Slot: 0, ID: id}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return append(all, logits[0])
}

// TestGenerationEqualsReference runs all of the reference's runs together: greedy ones beside
// beams.
func TestGenerationEqualsReference(t *testing.T) {
	eachKernels(t, func(t *testing.T, k kernels) {
		trunk, want := loadGolden(t, k)
		d, err := trunk.Decoder(12)
		if err != nil {
			t.Fatal(err)
		}
		var requests []decoding.Request
		for _, run := range want.Generation {
			o := run.Options
			options := decoding.Options{
				Beams: o.Beams, MaxNew: o.MaxNew, MaxLength: o.MaxLength, MinNew: o.MinNew, MinLength: o.MinLength,
				LengthPenalty: o.LengthPenalty, Return: o.Return,
			}
			if o.EarlyStopping {
				options.EarlyStopping = decoding.StopFull
			}
			prompts, _ := run.rows()
			for _, p := range prompts {
				requests = append(requests, decoding.Request{Prompt: p, Options: options})
			}
		}
		results, err := decoding.Run(context.Background(), d, d.Limits(), requests)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range want.Generation {
			var sequences []decoding.Sequence
			for range run.IDs {
				sequences, results = append(sequences, results[0]...), results[1:]
			}
			for i, s := range sequences {
				if ids := run.New[i][:len(run.LogProbs[i])]; !slices.Equal(s.IDs(), ids) {
					t.Errorf("%s: %v, want %v", run.Name, s.IDs(), ids)
					continue
				}
				for j, c := range s.Tokens {
					near(t, run.Name+": log-probability", run.LogProbs[i][j], c.LogProb)
				}
			}
		}
	})
}
