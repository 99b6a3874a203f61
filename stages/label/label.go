// Package label names the classes of a document, such as the hallmarks of cancer that it is about.
//
// A head gives each label a probability, from the words of title and abstract and their places
// (features.Labels). The labels whose probability reaches their threshold are those of the
// document: none, one or several. The stage is pure.
package label

import (
	"math"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// Version is the version of this stage. Increase it with every change that can change the labels of
// the same text and head: results of another version are computed again.
const Version = 1

// Stage adds labels to a document's annotations.
type Stage struct{ head *heads.LabelClassifier }

// New returns the stage for a head.
func New(head *heads.LabelClassifier) (Stage, error) { return Stage{head}, head.Check() }

// Name returns the task that the stage serves.
func (Stage) Name() string { return schemas.TaskLabels }

// ReadsStates is false.
func (Stage) ReadsStates() bool { return false }

// Annotate appends the labels of a document that has words, in the order of the head.
func (st Stage) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	if len(t.Words) == 0 {
		return nil
	}
	scores := make([]float32, len(st.head.Labels))
	st.head.Linear.Score(scores, nil, features.Labels(nil, t))
	for i, x := range scores {
		if p := Probability(x); p >= st.head.Thresholds[i] {
			a.Labels = append(a.Labels, schemas.Label{Name: st.head.Labels[i], Score: p})
		}
	}
	return nil
}

// Probability returns the probability of a label with a score of the head.
func Probability(score float32) float32 { return float32(1 / (1 + math.Exp(-float64(score)))) }
