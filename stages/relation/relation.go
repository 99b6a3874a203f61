// Package relation finds relations between the entities that a document mentions.
//
// Mentions are grouped to entities (names.GroupMentions), without those that are part of another:
// of "androgen receptor" a sentence is not about androgen. Entities of one type are one if one has
// the short form of a name of the other by the text's own abbreviations (abbrev.Find), or the
// symbol that follows a name of the other, as in "the carbonyl reductase 3 gene CBR3".
//
// A head scores every pair of entities whose types it joins, except two that have the same name. It
// reads the lexical features of the pair (features.Pairs: the words between the mentions, how often
// and where both are mentioned, the names themselves) and, if it was trained with a trunk, the
// hidden states of the mentions of both (heads.PairState). The result is a probability for each
// relation type and for no relation. There is one result for a pair, however often both entities
// are mentioned: BC5CDR and BioRED annotate the relations of documents, not of sentences.
//
// A relation joins the two mentions that are nearest to each other, in one sentence if there is one
// with both; that sentence is its evidence. Its score is the probability of the head times the
// scores of both entities, each the largest score of its mentions: a relation with a span that is
// no disease is no relation. The stage is pure.
package relation

import (
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskRelations

// Version is the version of this stage. Increase it with every change that can change a relation of
// the same text, mentions, states and heads: results of another version are computed again.
const Version = 2

// Stage adds relations to a document's annotations.
type Stage struct{ heads []*heads.RelationClassifier }

// New returns the stage for some heads, each of which gives its own relations.
func New(classifiers ...*heads.RelationClassifier) (Stage, error) {
	for _, h := range classifiers {
		if err := h.Check(); err != nil {
			return Stage{}, err
		}
	}
	return Stage{classifiers}, nil
}

// Name returns Task.
func (Stage) Name() string { return Task }

// ReadsStates reports whether a head was trained with a trunk.
func (st Stage) ReadsStates() bool {
	return slices.ContainsFunc(st.heads, func(h *heads.RelationClassifier) bool { return h.Linear.Dim > 0 })
}

// Annotate appends the relations between the mentions of a, head by head, each in the order of the
// entities in the text.
func (st Stage) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	e := newEntities(t, a.Mentions)
	if len(e.all) < 2 {
		return nil
	}
	pairs := features.NewPairs(t, e.all)
	for _, h := range st.heads {
		if h.Linear.Dim != 0 && (h.Linear.Dim != heads.PairStates*s.Dim || len(s.Data) != len(t.Tokens)*s.Dim) {
			return fmt.Errorf(
				"relations: the head reads states of %d values for %d tokens, and got %d values of %d: "+
					"head and trunk are not of the same model",
				h.Linear.Dim/heads.PairStates, len(t.Tokens), len(s.Data), s.Dim,
			)
		}
		annotate(h, t, s, a, e, pairs)
	}
	return nil
}

// annotate appends the relations of one head.
func annotate(
	h *heads.RelationClassifier, t *model.Text, s model.States, a *schemas.Annotations, e *entities,
	pairs *features.Pairs,
) {
	scores := make([]float32, h.Linear.Labels)
	var lexical []uint32
	var state []float32
	for c := range h.Candidates(e.all) {
		if e.sameName(c.Subject, c.Object) {
			continue
		}
		subject, object := e.all[c.Subject], e.all[c.Object]
		lexical = pairs.Append(lexical[:0], c.Subject, c.Object)
		if h.Linear.Dim != 0 {
			state = heads.PairState(state, t, s, subject, object)
		}
		h.Linear.Score(scores, state, lexical)
		typ, probability, ok := decide(h, scores, score(subject)*score(object))
		if !ok {
			continue
		}
		r := Nearest(subject, object)
		r.Type, r.Score, r.Method = typ, probability, schemas.MethodHead
		if r.Sentence >= 0 && r.Sentence < len(t.Sentences) {
			at := t.Sentences[r.Sentence]
			r.Evidence = t.Body[at.Start:at.End]
		}
		a.Relations = append(a.Relations, r)
	}
}

// decide turns scores into probabilities, in place, and returns the most likely type. ok is false
// where the probability of any relation is below the threshold; certainty is the probability that
// subject and object are entities of their types.
func decide(
	h *heads.RelationClassifier, scores []float32, certainty float32,
) (typ string, probability float32, ok bool) {
	h.Probabilities(scores)
	best := 1 + slices.Index(scores[1:], slices.Max(scores[1:]))
	return h.Types[best-1], scores[best] * certainty, (1-scores[0])*certainty >= h.Threshold
}

// score is the largest score of an entity's mentions.
func score(e names.Entity) float32 {
	best := float32(0)
	for _, m := range e.Mentions {
		best = max(best, m.Score)
	}
	return best
}

// Nearest returns a relation that joins the mentions of two entities that are nearest to each
// other. Mentions in one sentence come first, and only for those Sentence is set.
func Nearest(subject, object names.Entity) schemas.Relation {
	best, least, together := schemas.Relation{}, -1, false
	for _, a := range subject.Mentions {
		for _, b := range object.Mentions {
			gap := max(a.Start-b.End, b.Start-a.End, 0)
			same := a.Sentence == b.Sentence
			if least >= 0 && (together && !same || together == same && gap >= least) {
				continue
			}
			least, together = gap, same
			best = schemas.Relation{Subject: a.ID, Object: b.ID, Sentence: -1}
			if same {
				best.Sentence = a.Sentence
			}
		}
	}
	return best
}
