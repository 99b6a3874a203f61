package biogpt

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// tokenHead lists the parameters of Hugging Face's BioGptForTokenClassification in addition to the
// trunk.
func tokenHead(c Config, labels int) []Spec {
	return []Spec{{"classifier.weight", []int{labels, c.Hidden}}, {"classifier.bias", []int{labels}}}
}

// sequenceHead lists the parameters of Hugging Face's BioGptForSequenceClassification in addition
// to the trunk.
func sequenceHead(c Config, labels int) []Spec {
	return []Spec{{"score.weight", []int{labels, c.Hidden}}}
}

// tokenLogits scores the labels of every token: states [B*L, hidden] become [B*L, labels].
func tokenLogits(p Nodes, states *graph.Node) *graph.Node { return affine(p, "classifier", states) }

// sequenceLogits scores the labels of every sequence by the state of its last token that is not
// padding, on whichever side the padding is: [B, labels].
func sequenceLogits(p Nodes, in Batch, states *graph.Node) *graph.Node {
	size, length := in.IDs.Shape().Dim(0), in.IDs.Shape().Dim(1)
	at := graph.IotaLike(in.IDs, 1)
	last := graph.ReduceMax(graph.Where(in.Mask, at, graph.ZerosLike(at)), 1)
	row := graph.Add(graph.MulScalar(graph.Iota(last.Graph(), last.Shape(), 0), length), last)
	return dense(graph.Gather(states, graph.Reshape(row, size, 1)), p["score.weight"], nil)
}

// TestHeadsEqualReference compares the logits of Hugging Face's classification heads.
func TestHeadsEqualReference(t *testing.T) {
	t.Run("token", func(t *testing.T) {
		const labels = 5
		cfg, params, specs := loadGolden(
			t, func(c Config) []Spec { return tokenHead(c, labels) }, "biogpt-tiny-heads", "token",
		)
		var expected struct {
			Cases []struct {
				goldenInput
				Logits [][][]float32 `json:"logits"`
			} `json:"cases"`
		}
		readGolden(t, golden(t, "biogpt-tiny-heads", "token", "expected.json.gz"), &expected)
		eachBackend(t, func(t *testing.T, b *Backend) {
			run := evaluator(t, b, params, specs, func(n Nodes, in Batch) []*graph.Node {
				last, _ := States(cfg, n, in, Options{})
				return []*graph.Node{tokenLogits(n, last)}
			})
			for _, c := range expected.Cases {
				p := c.pack()
				out := run(p, p.Size*p.Length*labels)
				for i := range c.Logits {
					for j, want := range c.Logits[i] {
						if want != nil {
							at := i*p.Length + j
							near(
								t, fmt.Sprintf("%s, row %d, position %d", c.Name, i, j), want,
								out[0][at*labels:(at+1)*labels],
							)
						}
					}
				}
			}
		})
	})
	t.Run("sequence", func(t *testing.T) {
		const labels = 3
		cfg, params, specs := loadGolden(
			t, func(c Config) []Spec { return sequenceHead(c, labels) }, "biogpt-tiny-heads", "sequence",
		)
		var expected struct {
			Cases []struct {
				goldenInput
				Logits [][]float32 `json:"logits"`
			} `json:"cases"`
		}
		readGolden(t, golden(t, "biogpt-tiny-heads", "sequence", "expected.json.gz"), &expected)
		eachBackend(t, func(t *testing.T, b *Backend) {
			run := evaluator(t, b, params, specs, func(n Nodes, in Batch) []*graph.Node {
				last, _ := States(cfg, n, in, Options{})
				return []*graph.Node{sequenceLogits(n, in, last)}
			})
			for _, c := range expected.Cases {
				p := c.pack()
				out := run(p, p.Size*labels)
				for i, want := range c.Logits {
					near(t, fmt.Sprintf("%s, row %d", c.Name, i), want, out[0][i*labels:(i+1)*labels])
				}
			}
		})
	})
}
