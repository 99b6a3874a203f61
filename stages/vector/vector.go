// Package vector represents a document by one vector, for search and clustering: the mean of the
// trunk's last hidden states over the document's tokens, scaled to length 1. The cosine of two
// vectors is their dot product. Vectors of different models are not comparable. The stage is pure.
package vector

import (
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Version is the version of this stage. Increase it with every change that can change the vector of
// the same text and states: results of another version are computed again.
const Version = 1

// Stage sets the vector of a document's annotations.
type Stage struct{}

// Name returns the task that the stage serves.
func (Stage) Name() string { return schemas.TaskVectors }

// ReadsStates is true.
func (Stage) ReadsStates() bool { return true }

// Annotate sets the vector, or none if the document has no tokens.
func (Stage) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	if len(t.Tokens) == 0 {
		return nil
	}
	if s.Dim < 1 || len(s.Data) != len(t.Tokens)*s.Dim {
		return fmt.Errorf("vectors: %d values of states for %d tokens", len(s.Data), len(t.Tokens))
	}
	sums, square := make([]float64, s.Dim), 0.0
	for i := range t.Tokens {
		for j, x := range s.Row(i) {
			sums[j] += float64(x)
		}
	}
	for _, x := range sums {
		square += x * x
	}
	if square == 0 {
		return nil
	}
	a.Vector = make([]float32, s.Dim)
	for j, x := range sums {
		a.Vector[j] = float32(x / math.Sqrt(square))
	}
	return nil
}
