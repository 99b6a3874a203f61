package linker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/weights"
)

const (
	namesTensor = heads.LinkingPrefix + "names"
	rankersKey  = heads.Prefix + "linking" // in the metadata
)

// settings are the numbers of a Ranker beside its forests.
type settings struct {
	Scale     float32 `json:"scale"`
	Shift     float32 `json:"shift"`
	Threshold float32 `json:"threshold"`
}

// Tensors returns the head as tensors and metadata.
func (h *Head) Tensors() ([]weights.Tensor, map[string]string, error) {
	text := []byte(h.Names.encode())
	all := []weights.Tensor{{Name: namesTensor, DType: weights.U8, Shape: []int{len(text)}, Data: text}}
	numbers := map[string]settings{}
	for _, typ := range slices.Sorted(maps.Keys(h.Rankers)) {
		r := h.Rankers[typ]
		numbers[typ] = settings{r.Scale, r.Shift, r.Threshold}
		all = append(all, r.Trees.Tensors(rankerPrefix(typ))...)
		if r.First != nil {
			all = append(all, r.First.Tensors(firstPrefix(typ))...)
		}
	}
	data, err := json.Marshal(numbers)
	if err != nil {
		return nil, nil, fmt.Errorf("linking: %w", err)
	}
	return all, map[string]string{rankersKey: string(data)}, nil
}

func rankerPrefix(typ string) string { return heads.LinkingPrefix + typ + "." }

func firstPrefix(typ string) string { return rankerPrefix(typ) + "first." }

// Read reads the head of a file, for the concepts of a vocabulary.
func Read(f *weights.File, v *vocabulary.Vocabulary) (*Head, error) {
	text, err := f.Tensor(namesTensor)
	if err != nil {
		return nil, fmt.Errorf("linking: %w", err)
	}
	names, err := decodeNames(string(text.Data))
	if err != nil {
		return nil, fmt.Errorf("linking: %s: %w", namesTensor, err)
	}
	h := NewHead(v, names)
	numbers := map[string]settings{}
	if err := json.Unmarshal([]byte(f.Metadata()[rankersKey]), &numbers); err != nil {
		return nil, fmt.Errorf("linking: metadata %s: %w", rankersKey, err)
	}
	for typ, n := range numbers {
		r := Ranker{Scale: n.Scale, Shift: n.Shift, Threshold: n.Threshold}
		second := trees.Has(f, firstPrefix(typ))
		if r.Trees, err = readForest(f, rankerPrefix(typ), columns(typ, second)); err != nil {
			return nil, err
		}
		if second {
			if r.First, err = readForest(f, firstPrefix(typ), columns(typ, false)); err != nil {
				return nil, err
			}
		}
		h.Rankers[typ] = r
	}
	return h, nil
}

func readForest(f *weights.File, prefix string, columns int) (*trees.Forest, error) {
	forest, err := trees.Read(f, prefix)
	if err != nil {
		return nil, fmt.Errorf("linking: %w", err)
	}
	if forest.Columns != columns {
		return nil, fmt.Errorf(
			"linking: %s reads %d numbers, this pubmine has %d: train the model again",
			prefix,
			forest.Columns,
			columns,
		)
	}
	return forest, nil
}

// encode returns a line for each name: type, spelling, and the identifiers, each with its number of
// annotations.
func (n Names) encode() string {
	keys := slices.SortedFunc(maps.Keys(n), func(a, b nameKey) int {
		return strings.Compare(a.typ+"\t"+a.key, b.typ+"\t"+b.key)
	})
	var text strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&text, "%s\t%s", k.typ, n[k].name)
		for _, a := range n.find(k.typ, n[k].name) {
			fmt.Fprintf(&text, "\t%s %g", a.id, a.count)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func decodeNames(text string) (Names, error) {
	names := Names{}
	line := 0
	for row := range strings.Lines(text) {
		line++
		fields := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		if len(fields) < 3 {
			return nil, fmt.Errorf("line %d: %d fields instead of at least 3", line, len(fields))
		}
		for _, f := range fields[2:] {
			id, number, _ := strings.Cut(f, " ")
			count, err := strconv.ParseFloat(number, 32)
			if err != nil || !(count > 0) {
				return nil, fmt.Errorf("line %d: %q is no number of annotations", line, number)
			}
			names.Add(fields[0], fields[1], id, float32(count))
		}
	}
	return names, nil
}
