package answer

import (
	"encoding/json"
	"fmt"

	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
)

// A head is stored as the tensors of its Linear (package heads) under head.answer. and as the rest
// of its fields, in JSON, under head.answer in the file's metadata.
const prefix = "head.answer"

type settings struct {
	Answers     []string `json:"answers"`
	Temperature float32  `json:"temperature"`
}

// Tensors returns the head as tensors and metadata.
func (h *Head) Tensors() ([]weights.Tensor, map[string]string, error) {
	data, err := json.Marshal(settings{h.Answers, h.Temperature})
	if err != nil {
		return nil, nil, fmt.Errorf("answer head: %w", err)
	}
	return h.Linear.Tensors(prefix + "."), map[string]string{prefix: string(data)}, nil
}

// ReadHead reads the head of a file.
func ReadHead(f *weights.File) (*Head, error) {
	var s settings
	if err := json.Unmarshal([]byte(f.Metadata()[prefix]), &s); err != nil {
		return nil, fmt.Errorf("answer head: metadata %s: %w", prefix, err)
	}
	linear, err := heads.ReadLinear(f, prefix+".")
	if err != nil {
		return nil, fmt.Errorf("answer head: %w", err)
	}
	h := &Head{Answers: s.Answers, Linear: linear, Temperature: s.Temperature}
	return h, h.Check()
}
