package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// Relations adds to t the relations found in one document, concept by concept: found[i] joins two
// of mentions (by ID), which may be the annotators' or a model's. Relations of types that the
// document's corpus never states are left out by the caller. Order counts only when ordered is set
// (chemical first, in CID).
func (t Table) Relations(e *dataset.Example, mentions []schemas.Mention, found []schemas.Relation, ordered bool) {
	body, names := e.Doc.Text(), Concepts(e)
	t.relations(e, mentions, found, ordered, func(m schemas.Mention) []string { return names.Concepts(body, m) })
}

// RelationsByMention is Relations with mentions that count only where they stand: a found relation
// is right when both its mentions are the annotators' by type and bounds, and their concepts are
// related.
func (t Table) RelationsByMention(
	e *dataset.Example, mentions []schemas.Mention, found []schemas.Relation, ordered bool,
) {
	t.relations(e, mentions, found, ordered, func(m schemas.Mention) []string { return standing(e, m) })
}

// standing returns the concepts of the annotators' mention that stands where m does, or else where
// that is.
func standing(e *dataset.Example, m schemas.Mention) []string {
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
	e *dataset.Example, mentions []schemas.Mention, found []schemas.Relation, ordered bool,
	concepts func(schemas.Mention) []string,
) {
	wanted, got := map[dataset.ConceptRelation]bool{}, map[dataset.ConceptRelation]bool{}
	for _, r := range e.ConceptRelations {
		wanted[arrange(r, ordered)] = true
	}
	byID := map[int]schemas.Mention{}
	for _, m := range mentions {
		byID[m.ID] = m
	}
	for _, r := range found {
		as, bs := concepts(byID[r.Subject]), concepts(byID[r.Object])
		best := arrange(dataset.ConceptRelation{Type: r.Type, A: as[0], B: bs[0]}, ordered)
		for _, x := range as { // of the meanings of an ambiguous name, the one that is right
			for _, y := range bs {
				if k := arrange(dataset.ConceptRelation{Type: r.Type, A: x, B: y}, ordered); wanted[k] {
					best = k
					got[k] = true
				}
			}
		}
		got[best] = true
	}
	sets(wanted, got, func(k dataset.ConceptRelation) string { return k.Type }, t)
}

func arrange(r dataset.ConceptRelation, ordered bool) dataset.ConceptRelation {
	if !ordered && r.A > r.B {
		r.A, r.B = r.B, r.A
	}
	return r
}

// ByName knows which concepts the annotators of one document gave to which text of a mention.
type ByName map[nameKey][]string

type nameKey struct{ typ, name string }

// Names collects the texts of the annotators' mentions, and the names that the corpus gives without
// places.
func Concepts(e *dataset.Example) ByName {
	n := ByName{}
	body := e.Doc.Text()
	for _, m := range e.Gold.Mentions {
		for _, c := range dataset.Concepts(m) {
			n.add(keyOf(body, m), c)
		}
	}
	for _, x := range e.Names {
		if x.Concept != "" {
			n.add(nameKey{x.Type, fold(x.Text)}, x.Concept)
		}
	}
	return n
}

func (n ByName) add(k nameKey, concept string) {
	if !slices.Contains(n[k], concept) {
		n[k] = append(n[k], concept)
	}
}

// Concepts returns what the mention stands for: its own concepts when it has any, those of its
// text, or else the text itself, which is no concept of anybody's. There is always at least one.
func (n ByName) Concepts(body string, m schemas.Mention) []string {
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
	return nameKey{m.Type, fold(body[m.Start:m.End])}
}

// fold makes ways of writing a name equal that differ in case and white space.
func fold(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }
