// Package relation finds relations between the entities that a document mentions.
//
// # Entities
//
// Mentions are grouped to entities (names.GroupMentions), without those that are part of another:
// of "androgen receptor" a sentence is not about androgen. Entities of one type are one if they
// have the same concept, or, where one has none, if one has the short form of a name of the other
// by the text's own abbreviations (abbrev.InText), or the symbol that follows a name of the other,
// as in "the carbonyl reductase 3 gene CBR3". Two entities that share a concept or a name, or whose
// mentions overlap, are not related.
//
// # Decisions
//
// A head scores every other pair of entities whose types it joins. Its linear part reads the
// lexical features of the pair (features.Pairs: the words between the mentions, the names
// themselves) and, if it was trained with a trunk, the hidden states of the mentions of both
// (heads.PairState). If the head has trees, they decide from these scores and from counts over the
// document (features.Pairs.Columns) whether the pair is related; the linear part alone chooses the
// type. There is one result for a pair, however often both entities are mentioned: BC5CDR and
// BioRED annotate the relations of documents, not of sentences.
//
// The score of a relation is the probability of its type times the scores of both entities, each
// the largest score of its mentions: a relation with a span that is no disease is no relation. Of
// several types of a pair by one head the most likely one is the relation's, and the others are its
// alternatives. Of several heads the one with the fewest types, which is the most specific, decides
// where it is likelier right than not, else the one with the highest score: a chemical that induces
// a disease (CID) is also positively correlated with it. A drug for a disease is not: a negative
// correlation with a higher score decides.
//
// # Evidence
//
// A relation joins the two mentions in one sentence, not the title if there is another, whose
// surroundings score highest, or else the two that are nearest to each other. Its evidence is the
// sentence of the mentions, or both: see schemas.Relation. The words around both mentions decide
// the certainty: see package certainty.
//
// The stage is pure.
package relation

import (
	"cmp"
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
const Version = 6

// Stage adds relations to a document's annotations.
type Stage struct {
	heads []*heads.RelationClassifier
	open  Opener
}

// Opener opens the vocabulary by which heads with trees know narrower concepts. It is called for
// each document that has concepts.
type Opener func() (features.Hierarchy, error)

// New returns the stage for some heads. The opener may be nil: then concepts have no hierarchy.
func New(open Opener, classifiers ...*heads.RelationClassifier) (Stage, error) {
	for _, h := range classifiers {
		if err := h.Check(); err != nil {
			return Stage{}, err
		}
	}
	return Stage{classifiers, open}, nil
}

// Name returns Task.
func (Stage) Name() string { return Task }

// ReadsStates reports whether a head was trained with a trunk.
func (st Stage) ReadsStates() bool {
	return slices.ContainsFunc(st.heads, func(h *heads.RelationClassifier) bool { return h.Linear.Dim > 0 })
}

// Annotate appends the relations between the mentions of a, in the order of the subjects and then
// of the objects in the text.
func (st Stage) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	d := NewDocument(t, s, a.Mentions)
	if len(d.Entities) < 2 {
		return nil
	}
	vocabulary, err := st.vocabulary(d)
	if err != nil {
		return err
	}
	var found []claim
	for _, h := range st.heads {
		if h.Linear.Dim != 0 && (h.Linear.Dim != heads.PairStates*s.Dim || len(s.Data) != len(t.Tokens)*s.Dim) {
			return fmt.Errorf(
				"relations: the head reads states of %d values for %d tokens, and got %d values of %d: "+
					"head and trunk are not of the same model",
				h.Linear.Dim/heads.PairStates, len(t.Tokens), len(s.Data), s.Dim,
			)
		}
		found = append(found, claims(h, d, vocabulary)...)
	}
	for _, claims := range byPair(found) {
		a.Relations = append(a.Relations, d.relation(claims))
	}
	return nil
}

// claim is what a head claims of a pair of entities.
type claim struct {
	heads.Candidate
	scorer *heads.PairScorer
	types  []schemas.Alternative // the most likely one first
}

// vocabulary opens the vocabulary if trees are to read it.
func (st Stage) vocabulary(d *Document) (features.Hierarchy, error) {
	concepts := slices.ContainsFunc(d.Entities, func(e names.Entity) bool { return e.Concept() != "" })
	trees := slices.ContainsFunc(st.heads, func(h *heads.RelationClassifier) bool { return h.Trees != nil })
	if st.open == nil || !concepts || !trees {
		return nil, nil
	}
	return st.open()
}

// claims returns the claims of a head: one for each pair that it takes for related.
func claims(h *heads.RelationClassifier, d *Document, vocabulary features.Hierarchy) (found []claim) {
	candidates := d.Candidates(h)
	scorer := heads.NewPairScorer(h.Linear, h.Linear.Labels)
	scores := d.Scores(scorer, h.Linear.Dim, h.Linear.Labels, candidates)
	var rows [][]float32
	if h.Trees != nil {
		rows = d.Columns(scorer, candidates, scores, vocabulary)
	}
	for i, c := range candidates {
		odds := h.Odds(scores[i])
		if h.Trees != nil {
			odds = h.Trees.Score(rows[i])
		}
		h.Probabilities(scores[i], odds)
		certainty := score(d.Entities[c.Subject]) * score(d.Entities[c.Object])
		if _, value := h.Choose(scores[i]); value*certainty < h.Threshold {
			continue
		}
		x := claim{Candidate: c, scorer: scorer}
		for k, typ := range h.Types {
			x.types = append(x.types, schemas.Alternative{Type: typ, Score: scores[i][k+1] * certainty})
		}
		slices.SortStableFunc(x.types, func(a, b schemas.Alternative) int { return cmp.Compare(b.Score, a.Score) })
		found = append(found, x)
	}
	return found
}

// specificity is the number of types of a claim's head, or more than any if the claim is unlikely.
func (x claim) specificity() int {
	if x.types[0].Score < 0.5 {
		return heads.MaxLabels
	}
	return len(x.types)
}

// byPair groups claims by their pairs, of entities in any order, in the order of the subjects and
// objects. In each group the claim that decides is the first.
func byPair(all []claim) (groups [][]claim) {
	slices.SortStableFunc(all, func(a, b claim) int {
		return cmp.Or(
			cmp.Compare(a.specificity(), b.specificity()), cmp.Compare(b.types[0].Score, a.types[0].Score),
		)
	})
	index := map[heads.Candidate]int{}
	for _, x := range all {
		pair := heads.Candidate{Subject: min(x.Subject, x.Object), Object: max(x.Subject, x.Object)}
		i, ok := index[pair]
		if !ok {
			i = len(groups)
			index[pair], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], x)
	}
	slices.SortFunc(groups, func(a, b []claim) int {
		return cmp.Or(cmp.Compare(a[0].Subject, b[0].Subject), cmp.Compare(a[0].Object, b[0].Object))
	})
	return groups
}

// negativeCorrelation is the type that contradicts an effect, such as CID.
const negativeCorrelation = "Negative_Correlation"

// minAlternative is the minimum score of an alternative that is no head's first choice.
const minAlternative = 0.1

// relation returns the relation of the claims about one pair.
func (d *Document) relation(claims []claim) schemas.Relation {
	decides := 0
	for k, x := range claims {
		if x.types[0].Type == negativeCorrelation && x.types[0].Score > claims[decides].types[0].Score {
			decides = k
		}
	}
	best := claims[decides]
	r := d.join(best)
	r.Type, r.Score, r.Method = best.types[0].Type, best.types[0].Score, schemas.MethodHead
	for k, x := range claims {
		for i, a := range x.types {
			if (k != decides || i > 0) && (i == 0 || a.Score >= minAlternative) {
				r.Alternatives = append(r.Alternatives, a)
			}
		}
	}
	slices.SortStableFunc(r.Alternatives, func(a, b schemas.Alternative) int { return cmp.Compare(b.Score, a.Score) })
	return r
}

// score is the largest score of an entity's mentions.
func score(e names.Entity) float32 {
	best := float32(0)
	for _, m := range e.Mentions {
		best = max(best, m.Score)
	}
	return best
}
