package trunk

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
)

// TestLossIsThatOfTransformers compares the loss of texts that transformers wrote greedily with the
// log probabilities that it gave them.
func TestLossIsThatOfTransformers(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "golden", "biogpt-tiny")
	f, err := os.Open(filepath.Join(dir, "expected.json.gz"))
	if err != nil {
		t.Skipf("golden fixtures are not there: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Generation []struct {
			Name     string
			IDs      [][]int32   `json:"input_ids"`
			Mask     [][]int32   `json:"attention_mask"`
			Tokens   [][]int32   `json:"new_tokens"`
			LogProbs [][]float64 `json:"token_log_probs"`
		}
	}
	if err := json.NewDecoder(z).Decode(&want); err != nil {
		t.Fatal(err)
	}
	cfg, start, err := biogpt.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		trainer := newTrainer(t, b, cfg, start, Options{Tokens: 512})
		compared := 0
		for _, g := range want.Generation {
			if !strings.HasPrefix(g.Name, "greedy") ||
				strings.Contains(g.Name, "min") { // a minimum changes the probabilities of </s>
				continue
			}
			for row, prompt := range g.IDs {
				padding := slices.Index(g.Mask[row], 1)
				written := g.Tokens[row][:len(g.LogProbs[row])] // the rest is padding
				tokens := slices.Concat(prompt[padding:], written)
				e := Example{tokens[:len(tokens)-1], slices.Repeat([]int32{NoTarget}, len(tokens)-1)}
				sum := 0.0
				for i, id := range written {
					e.Targets[len(prompt)-padding-1+i] = id
					sum -= g.LogProbs[row][i]
				}
				loss, err := trainer.LossLM([]Example{e})
				if err != nil || math.Abs(loss.Sum-sum) > 1e-3 {
					t.Errorf("%s, row %d: loss %+v, %v; want %g", g.Name, row, loss, err, sum)
				}
				compared += loss.Targets
			}
		}
		if compared < 100 {
			t.Errorf("only %d tokens were compared", compared)
		}
	})
}
