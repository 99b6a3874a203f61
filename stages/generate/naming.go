package generate

import (
	"cmp"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// naming collects the names in a document's relations and finds their mentions.
type naming struct {
	anchors  *Anchors
	before   []schemas.Mention // by other stages
	entities []entity
}

// entity is a group of equivalent names: an abbreviation and its long form.
type entity struct {
	typ   string
	keys  []string
	score float32
	spans []schemas.Span // of its mentions
}

func newNaming(t *model.Text, before []schemas.Mention) *naming {
	return &naming{anchors: NewAnchors(t), before: before}
}

// add returns the index of the entity of a name.
func (n *naming) add(name, typ string, score float32) int {
	keys := n.anchors.names(name)
	for i := range n.entities {
		e := &n.entities[i]
		if e.typ == typ && slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(e.keys, k) }) {
			e.score = max(e.score, score)
			return i
		}
	}
	n.entities = append(n.entities, entity{typ: typ, keys: keys, score: score})
	return len(n.entities) - 1
}

// addMentions finds the mentions of every entity, adds new ones to a, and numbers all mentions of a
// by their position.
func (n *naming) addMentions(a *schemas.Annotations) {
	type candidate struct {
		schemas.Mention
		entity int
		words  int
	}
	var added []candidate
	for i := range n.entities {
		e := &n.entities[i]
		var own []candidate
		for _, k := range e.keys {
			for _, p := range n.anchors.places(k) {
				own = append(own, candidate{n.anchors.mention(p, e.typ, e.score), i, p.Len()})
			}
		}
		for _, m := range n.before {
			if m.Type == e.typ && slices.ContainsFunc(own, func(c candidate) bool { return c.Span == m.Span }) {
				e.spans = append(e.spans, m.Span)
			}
		}
		if len(e.spans) == 0 {
			added = append(added, own...)
		}
	}
	slices.SortStableFunc(added, func(x, y candidate) int { return cmp.Compare(y.words, x.words) })
	var kept []candidate
	place := func(nested bool) {
		for _, c := range added {
			e := &n.entities[c.entity]
			overlaps := func(k candidate) bool { return k.Type == c.Type && k.Start < c.End && c.Start < k.End }
			if nested && len(e.spans) > 0 || slices.ContainsFunc(kept, overlaps) && !nested ||
				slices.Contains(e.spans, c.Span) {
				continue
			}
			e.spans = append(e.spans, c.Span)
			kept = append(kept, c)
		}
	}
	place(false)
	place(true) // a name that occurs only inside longer ones gets its first occurrence
	for _, c := range kept {
		a.Mentions = append(a.Mentions, c.Mention)
	}
	number(a)
}

// number sorts the mentions by their position, numbers them, and renumbers them in the relations.
func number(a *schemas.Annotations) {
	a.Mentions, a.Relations = slices.Clone(a.Mentions), slices.Clone(a.Relations)
	for i := range a.Mentions {
		a.Mentions[i].ID = i
	}
	slices.SortStableFunc(a.Mentions, func(x, y schemas.Mention) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(y.End, x.End))
	})
	now := make([]int, len(a.Mentions))
	for i := range a.Mentions {
		now[a.Mentions[i].ID] = i
		a.Mentions[i].ID = i
	}
	for i := range a.Relations {
		r := &a.Relations[i]
		r.Subject, r.Object = now[r.Subject], now[r.Object]
	}
}

// of returns an entity with its mentions in a.
func (n *naming) of(i int, a *schemas.Annotations) names.Entity {
	e := n.entities[i]
	name := names.Entity{Type: e.typ}
	for _, m := range a.Mentions {
		if m.Type == e.typ && slices.Contains(e.spans, m.Span) {
			name.Mentions = append(name.Mentions, m)
		}
	}
	return name
}
