package relation

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// Document is the entities of a text, and the features of their pairs.
type Document struct {
	Entities []names.Entity
	Pairs    *features.Pairs
	entities *entities
	text     *model.Text
	states   model.States
}

// NewDocument groups the mentions of a text to entities. The states may be empty.
func NewDocument(t *model.Text, s model.States, mentions []schemas.Mention) *Document {
	e := newEntities(t, mentions)
	return &Document{Entities: e.all, Pairs: features.NewPairs(t, e.all), entities: e, text: t, states: s}
}

// Candidates returns the pairs of entities that a head joins, without those of one thing: two that
// have the same name or a concept in common, or whose mentions overlap.
func (d *Document) Candidates(h *heads.RelationClassifier) (all []heads.Candidate) {
	for c := range h.Candidates(d.Entities) {
		a, b := d.Entities[c.Subject], d.Entities[c.Object]
		if !d.entities.sameName(c.Subject, c.Object) && !shareConcept(a, b) && !overlap(a, b) {
			all = append(all, c)
		}
	}
	return all
}

// conceptSeparator separates the concepts of a mention that names several.
const conceptSeparator = "|"

func shareConcept(a, b names.Entity) bool {
	x, y := a.Concept(), b.Concept()
	if x == "" || y == "" {
		return false
	}
	return slices.ContainsFunc(strings.Split(x, conceptSeparator), func(id string) bool {
		return slices.Contains(strings.Split(y, conceptSeparator), id)
	})
}

func overlap(a, b names.Entity) bool {
	return slices.ContainsFunc(a.Mentions, func(m schemas.Mention) bool {
		return slices.ContainsFunc(b.Mentions, func(o schemas.Mention) bool {
			return m.Start < o.End && o.Start < m.End
		})
	})
}

// Scores returns the scores of the candidates by the linear part of a head, which may be in
// training.
func (d *Document) Scores(s *heads.PairScorer, dim, labels int, candidates []heads.Candidate) [][]float32 {
	all := make([][]float32, len(candidates))
	var state []float32
	for i, c := range candidates {
		state = d.State(state, dim, c)
		all[i] = s.Score(make([]float32, labels), d.Pairs, c, state)
	}
	return all
}

// StateDim returns the width of the trunk's states, 0 for none.
func (d *Document) StateDim() int { return d.states.Dim }

// State returns the states that a head of a dimension reads of a candidate, nil for 0, in dst where
// it is long enough.
func (d *Document) State(dst []float32, dim int, c heads.Candidate) []float32 {
	if dim == 0 {
		return nil
	}
	return heads.PairState(dst, d.text, d.states, d.Entities[c.Subject], d.Entities[c.Object])
}

// Columns returns what trees read of each candidate with the given scores. The vocabulary may be
// nil.
func (d *Document) Columns(
	s *heads.PairScorer, candidates []heads.Candidate, scores [][]float32, vocabulary features.Hierarchy,
) [][]float32 {
	parts := make([]features.ScoredPair, len(candidates))
	for i, c := range candidates {
		parts[i] = s.Parts(scores[i], d.Pairs, c)
	}
	return d.Pairs.Columns(parts, vocabulary)
}
