package heads

import (
	"encoding/json"
	"fmt"

	"github.com/pubmine/pubmine/model/weights"
)

// LabelClassifier scores the labels of a document, each on its own. It does not change after it is
// made.
type LabelClassifier struct {
	Labels     []string  // by label of Linear
	Thresholds []float32 // minimum probability of each
	Linear     *Linear   // Dim = 0: it reads features alone. The scores are log-odds
}

// Check reports why the fields of a classifier do not fit together, if they do not.
func (h *LabelClassifier) Check() error {
	switch {
	case h.Linear == nil || len(h.Labels) == 0 || h.Linear.Labels != len(h.Labels):
		return fmt.Errorf("label head: %d labels need a head of as many", len(h.Labels))
	case len(h.Thresholds) != len(h.Labels):
		return fmt.Errorf("label head: %d thresholds for %d labels", len(h.Thresholds), len(h.Labels))
	case h.Linear.Dim != 0:
		return fmt.Errorf("label head: it reads states of %d values, and a document has no state", h.Linear.Dim)
	}
	return nil
}

// labelSettings are stored in the metadata of a file, as JSON; the tensors of Linear are stored
// under LabelPrefix.
type labelSettings struct {
	Labels     []string  `json:"labels"`
	Thresholds []float32 `json:"thresholds"`
}

// Tensors returns the classifier as tensors and metadata.
func (h *LabelClassifier) Tensors() ([]weights.Tensor, map[string]string, error) {
	data, err := json.Marshal(labelSettings{h.Labels, h.Thresholds})
	if err != nil {
		return nil, nil, fmt.Errorf("label head: %w", err)
	}
	return h.Linear.Tensors(LabelPrefix), map[string]string{labelKey: string(data)}, nil
}

// ReadLabels reads the classifier of labels of a file.
func ReadLabels(f *weights.File) (*LabelClassifier, error) {
	var s labelSettings
	if err := json.Unmarshal([]byte(f.Metadata()[labelKey]), &s); err != nil {
		return nil, fmt.Errorf("label head: metadata %s: %w", labelKey, err)
	}
	linear, err := ReadLinear(f, LabelPrefix)
	if err != nil {
		return nil, fmt.Errorf("label head: %w", err)
	}
	h := &LabelClassifier{Labels: s.Labels, Thresholds: s.Thresholds, Linear: linear}
	return h, h.Check()
}
