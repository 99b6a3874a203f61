package relation

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
)

// A head named cid is stored as the tensors of its Linear (package heads) under head.relation.cid.
// and as the rest of its fields, in JSON, under head.relation.cid in the file's metadata.
const prefix = "head.relation."

type settings struct {
	Types       []string    `json:"types"`
	Pairs       [][2]string `json:"pairs"`
	Temperature float32     `json:"temperature"`
	Scale       float32     `json:"scale,omitempty"`
	Shift       float32     `json:"shift,omitempty"`
	Threshold   float32     `json:"threshold"`
}

// Tensors returns the head as tensors and metadata, under a name of letters, digits and
// underscores.
func (h *Head) Tensors(name string) ([]weights.Tensor, map[string]string, error) {
	data, err := json.Marshal(settings{h.Types, h.Pairs, h.Temperature, h.Scale, h.Shift, h.Threshold})
	if err != nil {
		return nil, nil, fmt.Errorf("relation head %s: %w", name, err)
	}
	return h.Linear.Tensors(prefix + name + "."), map[string]string{prefix + name: string(data)}, nil
}

// ReadHeads reads all relation heads of a file, in the order of their names; none is no error.
func ReadHeads(f *weights.File) ([]*Head, error) {
	var found []*Head
	var names []string
	for key := range f.Metadata() {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	for _, name := range names {
		h, err := readHead(f, name)
		if err != nil {
			return nil, fmt.Errorf("relation head %s: %w", name, err)
		}
		found = append(found, h)
	}
	return found, nil
}

func readHead(f *weights.File, name string) (*Head, error) {
	var s settings
	if err := json.Unmarshal([]byte(f.Metadata()[prefix+name]), &s); err != nil {
		return nil, err
	}
	linear, err := heads.ReadLinear(f, prefix+name+".")
	if err != nil {
		return nil, err
	}
	h := &Head{
		Types: s.Types, Pairs: s.Pairs, Linear: linear, Temperature: s.Temperature, Scale: s.Scale,
		Shift: s.Shift, Threshold: s.Threshold,
	}
	return h, h.Check()
}
