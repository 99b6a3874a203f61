// Package relation finds relations between the entities that a document mentions.
//
// Mentions are grouped to names: the things a document speaks of (Names). Every two names whose
// types a head joins are a candidate; the head reads the candidate's lexical features (package
// features: the words between the mentions, how often and where both stand, the names themselves)
// and, when it was trained with a trunk, the hidden states of both names' mentions (State). It
// answers with a probability for each of its relation types and for none. One answer is given for a
// candidate, however often both names occur: BC5CDR and BioRED state relations of documents, not of
// sentences.
//
// A relation joins the two mentions that stand nearest to each other, in one sentence if there is
// one with both; that sentence is its evidence. Its score is the head's probability times that of
// both names (a name is as sure as its surest mention): a relation with what is no disease is no
// relation. The stage is pure.
package relation

import (
	"fmt"
	"math"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskRelations

// Version is the version of this stage. Increase it with every change that can change a relation of
// the same text, mentions, states and heads: results of another version are computed again.
const Version = 1

// Head judges pairs of names. It does not change after it is made.
type Head struct {
	Types       []string      // relation types; label i+1 of Linear is Types[i], label 0 is no relation
	Pairs       [][2]string   // the types of subject and object it knows
	Linear      *heads.Linear // Labels = len(Types)+1, Dim = 0 or States * the trunk's width
	Temperature float32       // scores are divided by it before they become probabilities
	Scale       float32       // the log-odds of being related are multiplied by it; 0 stands for 1
	Shift       float32       // and this is added
	Threshold   float32       // the least probability of being related at all that makes a relation
}

// Check says what does not fit together in a head.
func (h *Head) Check() error {
	if h.Linear == nil || h.Linear.Labels != len(h.Types)+1 {
		return fmt.Errorf("relation head: %d relation types need a head of %d labels", len(h.Types), len(h.Types)+1)
	}
	if h.Linear.Dim%States != 0 {
		return fmt.Errorf("relation head: a width of %d is not %d states", h.Linear.Dim, States)
	}
	if !(h.Temperature > 0) {
		return fmt.Errorf("relation head: a temperature of %v is not above 0", h.Temperature)
	}
	if !(h.Scale >= 0) {
		return fmt.Errorf("relation head: a scale of %v is below 0", h.Scale)
	}
	return nil
}

// Joins reports whether the head judges a subject and an object of these types.
func (h *Head) Joins(subject, object string) bool {
	return slices.Contains(h.Pairs, [2]string{subject, object})
}

// Stage adds relations to a document's annotations.
type Stage struct{ heads []*Head }

// New returns the stage for some heads, each of which gives its own relations.
func New(heads ...*Head) (Stage, error) {
	for _, h := range heads {
		if err := h.Check(); err != nil {
			return Stage{}, err
		}
	}
	return Stage{heads}, nil
}

// Name returns Task.
func (Stage) Name() string { return Task }

// Annotate appends the relations between the mentions of a, head by head, each in the order of the
// names in the text.
func (st Stage) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	names := Names(t.Body, a.Mentions)
	if len(names) < 2 {
		return nil
	}
	pairs := features.NewPairs(t, names)
	for _, h := range st.heads {
		if h.Linear.Dim != 0 && (h.Linear.Dim != States*s.Dim || len(s.Data) != len(t.Tokens)*s.Dim) {
			return fmt.Errorf(
				"relations: the head reads states of %d values for %d tokens, and was given %d values of %d: head and trunk are not of the same model",
				h.Linear.Dim/States, len(t.Tokens), len(s.Data), s.Dim,
			)
		}
		h.annotate(t, s, a, names, pairs)
	}
	return nil
}

func (h *Head) annotate(
	t *model.Text, s model.States, a *schemas.Annotations, names []features.Entity, pairs *features.Pairs,
) {
	scores := make([]float32, h.Linear.Labels)
	var lexical []uint32
	var state []float32
	for c := range h.Candidates(names) {
		lexical = pairs.Append(lexical[:0], c.Subject, c.Object)
		if h.Linear.Dim != 0 {
			state = State(state, t, s, names[c.Subject], names[c.Object])
		}
		h.Linear.Score(scores, state, lexical)
		typ, score, ok := h.decide(scores, certainty(names[c.Subject])*certainty(names[c.Object]))
		if !ok {
			continue
		}
		r := Nearest(names[c.Subject], names[c.Object])
		r.Type, r.Score, r.Method = typ, score, schemas.MethodHead
		if r.Sentence >= 0 && r.Sentence < len(t.Sentences) {
			at := t.Sentences[r.Sentence]
			r.Evidence = t.Body[at.Start:at.End]
		}
		a.Relations = append(a.Relations, r)
	}
}

// decide turns scores into probabilities, in place, and takes the likeliest type when being related
// is likely enough. For that, both names must be names at all: certainty is how likely that is.
func (h *Head) decide(scores []float32, certainty float32) (typ string, score float32, ok bool) {
	h.Probabilities(scores)
	best := 1 + slices.Index(scores[1:], slices.Max(scores[1:]))
	return h.Types[best-1], scores[best] * certainty, (1-scores[0])*certainty >= h.Threshold
}

// Probabilities turns the scores of Linear into probabilities, in place. What the temperature makes
// of them is right of the mass of pairs, which are not related; scale and shift make it right of
// those that may be. The shares of the relation types in being related stay.
func (h *Head) Probabilities(scores []float32) {
	for i := range scores {
		scores[i] /= h.Temperature
	}
	if h.Scale == 0 {
		Softmax(scores)
		return
	}
	none, types := float64(scores[0]), scores[1:]
	largest := float64(slices.Max(types))
	sum := 0.0
	for _, x := range types {
		sum += math.Exp(float64(x) - largest)
	}
	odds := float64(h.Scale)*(largest+math.Log(sum)-none) + float64(h.Shift)
	related := 1 / (1 + math.Exp(-odds))
	Softmax(types)
	for i := range types {
		types[i] *= float32(related)
	}
	scores[0] = float32(1 - related)
}

// certainty is the score of a name's surest mention.
func certainty(n features.Entity) float32 {
	best := float32(0)
	for _, m := range n.Mentions {
		best = max(best, m.Score)
	}
	return best
}

// Softmax turns scores into probabilities, in place.
func Softmax(x []float32) {
	largest := slices.Max(x)
	sum := float32(0)
	for i := range x {
		x[i] = float32(math.Exp(float64(x[i] - largest)))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}
