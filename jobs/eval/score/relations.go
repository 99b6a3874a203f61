package score

import (
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// Relations adds the predicted relations of one document by concept. A relation joins two of
// mentions (by ID), gold or predicted. The caller leaves out relation types that the corpus does
// not have. Direction matters only if ordered is set (chemical first, in CID).
func (t Table) Relations(e *dataset.Example, mentions []schemas.Mention, predicted []schemas.Relation, ordered bool) {
	body, names := e.Doc.Text(), Concepts(e)
	t.relations(e, mentions, predicted, ordered, func(m schemas.Mention) []string { return names.Concepts(body, m) })
}

// RelationsByMention is Relations with strict mentions: a relation is a true positive when both its
// mentions match gold mentions by span and type, and their concepts are related.
func (t Table) RelationsByMention(
	e *dataset.Example, mentions []schemas.Mention, predicted []schemas.Relation, ordered bool,
) {
	t.relations(e, mentions, predicted, ordered, func(m schemas.Mention) []string { return conceptsAt(e, m) })
}

// conceptsAt returns the concepts of the gold mentions with the span and type of m, or a
// placeholder that is no gold concept.
func conceptsAt(e *dataset.Example, m schemas.Mention) []string {
	var all []string
	for _, g := range e.Gold.Mentions {
		if g.Span == m.Span && g.Type == m.Type {
			all = append(all, dataset.Concepts(g)...)
		}
	}
	if len(all) == 0 {
		all = []string{fmt.Sprintf("\x00%d-%d", m.Start, m.End)}
	}
	return all
}

func (t Table) relations(
	e *dataset.Example, mentions []schemas.Mention, predicted []schemas.Relation, ordered bool,
	concepts func(schemas.Mention) []string,
) {
	gold, found := map[dataset.ConceptRelation]bool{}, map[dataset.ConceptRelation]bool{}
	for _, r := range e.ConceptRelations {
		gold[arrange(r, ordered)] = true
	}
	byID := map[int]schemas.Mention{}
	for _, m := range mentions {
		byID[m.ID] = m
	}
	for _, r := range predicted {
		as, bs := concepts(byID[r.Subject]), concepts(byID[r.Object])
		best := arrange(dataset.ConceptRelation{Type: r.Type, A: as[0], B: bs[0]}, ordered)
		for _, x := range as { // an ambiguous name counts as the concepts that are correct
			for _, y := range bs {
				if k := arrange(dataset.ConceptRelation{Type: r.Type, A: x, B: y}, ordered); gold[k] {
					best = k
					found[k] = true
				}
			}
		}
		found[best] = true
	}
	addSets(gold, found, func(k dataset.ConceptRelation) string { return k.Type }, t)
}

func arrange(r dataset.ConceptRelation, ordered bool) dataset.ConceptRelation {
	if !ordered && r.A > r.B {
		r.A, r.B = r.B, r.A
	}
	return r
}

// NameConcepts maps the names in one document to their gold concepts.
type NameConcepts map[nameKey][]string

type nameKey struct{ typ, name string }

// Concepts collects the concepts of the gold mentions, and of names without offsets.
func Concepts(e *dataset.Example) NameConcepts {
	n := NameConcepts{}
	body := e.Doc.Text()
	for _, m := range e.Gold.Mentions {
		for _, c := range dataset.Concepts(m) {
			n.add(keyOf(body, m), c)
		}
	}
	for _, x := range e.Names {
		if x.Concept != "" {
			n.add(nameKey{x.Type, names.Fold(x.Text)}, x.Concept)
		}
	}
	return n
}

func (n NameConcepts) add(k nameKey, concept string) {
	if !slices.Contains(n[k], concept) {
		n[k] = append(n[k], concept)
	}
}

// Concepts returns the concepts of a mention: its own if it has any, those of its text, or else a
// placeholder that is no gold concept. There is always at least one.
func (n NameConcepts) Concepts(body string, m schemas.Mention) []string {
	if own := dataset.Concepts(m); len(own) > 0 {
		return own
	}
	k := keyOf(body, m)
	if c := n[k]; len(c) > 0 {
		return c
	}
	return []string{"\x00" + k.name}
}

func keyOf(body string, m schemas.Mention) nameKey {
	return nameKey{m.Type, names.Fold(body[m.Start:m.End])}
}
