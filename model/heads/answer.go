package heads

import (
	"encoding/json"
	"fmt"

	"github.com/pubmine/pubmine/model/weights"
)

// AnswerClassifier scores the answers to a question about a document. It does not change after it
// is made.
type AnswerClassifier struct {
	Answers     []string // by label of Linear
	Linear      *Linear  // Dim = 0: it reads features alone
	Temperature float32  // scores are divided by it before they become probabilities
}

// Check reports why the fields of a classifier do not fit together, if they do not.
func (h *AnswerClassifier) Check() error {
	switch {
	case h.Linear == nil || len(h.Answers) == 0 || h.Linear.Labels != len(h.Answers):
		return fmt.Errorf("answer head: %d answers need a head of as many labels", len(h.Answers))
	case h.Linear.Dim != 0:
		return fmt.Errorf("answer head: it reads states of %d values, and a question has no states", h.Linear.Dim)
	case !(h.Temperature > 0):
		return fmt.Errorf("answer head: a temperature of %v is not above 0", h.Temperature)
	}
	return nil
}

// answerSettings are stored in the metadata of a file, as JSON; the tensors of Linear are stored
// under AnswerPrefix.
type answerSettings struct {
	Answers     []string `json:"answers"`
	Temperature float32  `json:"temperature"`
}

// Tensors returns the classifier as tensors and metadata.
func (h *AnswerClassifier) Tensors() ([]weights.Tensor, map[string]string, error) {
	data, err := json.Marshal(answerSettings{h.Answers, h.Temperature})
	if err != nil {
		return nil, nil, fmt.Errorf("answer head: %w", err)
	}
	return h.Linear.Tensors(AnswerPrefix), map[string]string{answerKey: string(data)}, nil
}

// ReadAnswer reads the classifier of answers of a file.
func ReadAnswer(f *weights.File) (*AnswerClassifier, error) {
	var s answerSettings
	if err := json.Unmarshal([]byte(f.Metadata()[answerKey]), &s); err != nil {
		return nil, fmt.Errorf("answer head: metadata %s: %w", answerKey, err)
	}
	linear, err := ReadLinear(f, AnswerPrefix)
	if err != nil {
		return nil, fmt.Errorf("answer head: %w", err)
	}
	h := &AnswerClassifier{Answers: s.Answers, Linear: linear, Temperature: s.Temperature}
	return h, h.Check()
}
