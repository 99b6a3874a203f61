package heads

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/model/weights"
)

// RelationClassifier scores the relations of a pair of entities. It does not change after it is
// made.
type RelationClassifier struct {
	Types  []string    // relation types; label i+1 of Linear is Types[i], label 0 is no relation
	Pairs  [][2]string // types of subject and object of the pairs that it scores
	Linear *Linear     // Labels = len(Types)+1, Dim = 0 or PairStates * the trunk's width
	// Trees decide from the columns of a pair (features.Pairs.Columns), which include what Linear
	// scores, whether it is related; Linear alone chooses the type. Nil: Linear decides both.
	Trees       *trees.Forest
	Temperature float32 // scores are divided by it before they become probabilities
	Scale       float32 // the log-odds of being related are multiplied by it; 0 stands for 1
	Shift       float32 // and this is added
	Threshold   float32 // minimum value of Choose at which a relation is reported
}

// Check reports why the fields of a classifier do not fit together, if they do not.
func (h *RelationClassifier) Check() error {
	switch {
	case h.Linear == nil || h.Linear.Labels != len(h.Types)+1:
		return fmt.Errorf("relation head: %d relation types need a head of %d labels", len(h.Types), len(h.Types)+1)
	case h.Linear.Dim%PairStates != 0:
		return fmt.Errorf("relation head: a width of %d is not %d states", h.Linear.Dim, PairStates)
	case h.Trees != nil && h.Trees.Columns != features.PairColumns:
		return fmt.Errorf(
			"relation head: trees of %d columns; a pair has %d: train the head again", h.Trees.Columns,
			features.PairColumns,
		)
	case !(h.Temperature > 0):
		return fmt.Errorf("relation head: a temperature of %v is not above 0", h.Temperature)
	case !(h.Scale >= 0):
		return fmt.Errorf("relation head: a scale of %v is below 0", h.Scale)
	case !(h.Threshold >= 0 && h.Threshold <= 1):
		return fmt.Errorf("relation head: a threshold of %v is not a probability", h.Threshold)
	}
	return nil
}

// Joins reports whether the classifier scores pairs with a subject and an object of these types.
func (h *RelationClassifier) Joins(subject, object string) bool {
	return slices.Contains(h.Pairs, [2]string{subject, object})
}

// Candidate is a pair of entities, by index.
type Candidate struct{ Subject, Object int }

// Candidates yields the pairs of entities that the classifier scores. Of two entities of one type
// the earlier is the subject.
func (h *RelationClassifier) Candidates(entities []names.Entity) iter.Seq[Candidate] {
	return func(yield func(Candidate) bool) {
		for i, a := range entities {
			for j, b := range entities {
				if i == j || a.Type == b.Type && i > j || !h.Joins(a.Type, b.Type) {
					continue
				}
				if !yield(Candidate{i, j}) {
					return
				}
			}
		}
	}
}

// Odds returns the log-odds of being related by scores of Linear.
func (h *RelationClassifier) Odds(scores []float32) float32 {
	return logSumExp(scores[1:], h.Temperature) - scores[0]/h.Temperature
}

// Probabilities turns the scores of Linear into probabilities, in place, for a pair with the given
// log-odds of being related: those of Trees, or Odds. The temperature calibrates the relation
// types, and without trees the majority of pairs, which are not related; Scale and Shift calibrate
// those that may be.
func (h *RelationClassifier) Probabilities(scores []float32, odds float32) {
	if h.Scale != 0 {
		odds = h.Scale*odds + h.Shift
	}
	related := 1 / (1 + math.Exp(-float64(odds)))
	types := scores[1:]
	for i := range types {
		types[i] /= h.Temperature
	}
	Softmax(types)
	for i := range types {
		types[i] *= float32(related)
	}
	scores[0] = float32(1 - related)
}

// Choose returns the most likely type of a pair with the given probabilities, and what Threshold
// bounds: the probability of this type, or, without trees, of any relation.
func (h *RelationClassifier) Choose(probabilities []float32) (typ int, value float32) {
	types := probabilities[1:]
	typ = slices.Index(types, slices.Max(types))
	if h.Trees != nil {
		return typ, types[typ]
	}
	return typ, 1 - probabilities[0]
}

// logSumExp returns log(sum(exp(x/temperature))).
func logSumExp(x []float32, temperature float32) float32 {
	largest := slices.Max(x)
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64((v - largest) / temperature))
	}
	return largest/temperature + float32(math.Log(sum))
}

// relationSettings are stored in the metadata of a file, as JSON, under RelationPrefix and the name
// of the head; the tensors of Linear are stored under the same name and a ".", those of Trees under
// the name and treesPart.
type relationSettings struct {
	Types       []string    `json:"types"`
	Pairs       [][2]string `json:"pairs"`
	Temperature float32     `json:"temperature"`
	Scale       float32     `json:"scale,omitempty"`
	Shift       float32     `json:"shift,omitempty"`
	Threshold   float32     `json:"threshold"`
}

const treesPart = ".trees."

// Tensors returns the classifier as tensors and metadata, under a name of letters, digits and
// underscores.
func (h *RelationClassifier) Tensors(name string) ([]weights.Tensor, map[string]string, error) {
	data, err := json.Marshal(relationSettings{h.Types, h.Pairs, h.Temperature, h.Scale, h.Shift, h.Threshold})
	if err != nil {
		return nil, nil, fmt.Errorf("relation head %s: %w", name, err)
	}
	tensors := h.Linear.Tensors(RelationPrefix + name + ".")
	if h.Trees != nil {
		tensors = append(tensors, h.Trees.Tensors(RelationPrefix+name+treesPart)...)
	}
	return tensors, map[string]string{RelationPrefix + name: string(data)}, nil
}

// ReadRelations reads all classifiers of relations of a file, in the order of their names. It is no
// error if there are none.
func ReadRelations(f *weights.File) ([]*RelationClassifier, error) {
	var found []*RelationClassifier
	var keys []string
	for key := range f.Metadata() {
		if strings.HasPrefix(key, RelationPrefix) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, cmp.Compare[string])
	for _, key := range keys {
		h, err := readRelation(f, key)
		if err != nil {
			return nil, fmt.Errorf("relation head %s: %w", strings.TrimPrefix(key, RelationPrefix), err)
		}
		found = append(found, h)
	}
	return found, nil
}

func readRelation(f *weights.File, key string) (*RelationClassifier, error) {
	var s relationSettings
	if err := json.Unmarshal([]byte(f.Metadata()[key]), &s); err != nil {
		return nil, err
	}
	linear, err := ReadLinear(f, key+".")
	if err != nil {
		return nil, err
	}
	h := &RelationClassifier{
		Types: s.Types, Pairs: s.Pairs, Linear: linear, Temperature: s.Temperature, Scale: s.Scale,
		Shift: s.Shift, Threshold: s.Threshold,
	}
	if trees.Has(f, key+treesPart) {
		if h.Trees, err = trees.Read(f, key+treesPart); err != nil {
			return nil, err
		}
	}
	return h, h.Check()
}
