package train

import (
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// preparer prepares documents for the model.
type preparer interface {
	Prepare(*schemas.Document) *model.Text
}

// sample is an example prepared for the model. States is empty where heads read features only.
type sample struct {
	dataset.Example
	Text   *model.Text
	States model.States
}

// prepareSamples prepares examples, without states.
func prepareSamples(examples []dataset.Example, p preparer) []sample {
	out := make([]sample, len(examples))
	for i, e := range examples {
		out[i] = sample{Example: e, Text: p.Prepare(e.Doc)}
	}
	return out
}

// wordStates returns the state of each word; nil without states.
func (s *sample) wordStates() [][]float32 {
	if s.States.Dim == 0 {
		return nil
	}
	rows := make([][]float32, len(s.Text.Words))
	for i, w := range s.Text.Words {
		rows[i] = s.States.Row(w.Token)
	}
	return rows
}
