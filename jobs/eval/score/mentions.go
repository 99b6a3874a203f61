package score

import (
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// Mentions adds to t the mentions found in one document. Only types that the corpus annotates
// count, and a found mention that overlaps a span masked for its type counts neither as right nor
// as wrong.
func (t Table) Mentions(e *dataset.Example, found []schemas.Mention) {
	type key struct {
		schemas.Span
		typ string
	}
	wanted, got := map[key]bool{}, map[key]bool{}
	for _, m := range e.Gold.Mentions {
		wanted[key{m.Span, m.Type}] = true
	}
	for _, m := range found {
		k := key{m.Span, m.Type}
		if wanted[k] && e.Annotates(m.Type) || counts(e, m) {
			got[k] = true
		}
	}
	sets(wanted, got, func(k key) string { return k.typ }, t)
}

// Overlaps is Mentions with bounds taken loosely: a found mention is right when it overlaps one of
// the annotators' of its type. Each of these counts for one found mention, in text order.
func (t Table) Overlaps(e *dataset.Example, found []schemas.Mention) {
	taken := make([]bool, len(e.Gold.Mentions))
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b schemas.Mention) int { return a.Start - b.Start })
	for _, m := range found {
		right := slices.IndexFunc(
			e.Gold.Mentions,
			func(g schemas.Mention) bool { return !taken[g.ID] && g.Type == m.Type && overlap(g.Span, m.Span) },
		)
		c := t[m.Type]
		switch {
		case right >= 0:
			taken[right] = true
			c.TP++
		case !counts(e, m):
			continue
		default:
			c.FP++
		}
		t[m.Type] = c
	}
	for i, g := range e.Gold.Mentions {
		if !taken[i] {
			c := t[g.Type]
			c.FN++
			t[g.Type] = c
		}
	}
}

// Mention reports whether a found mention is right, and whether it counts at all: see Mentions.
func Mention(e *dataset.Example, m schemas.Mention) (right, counted bool) {
	right = slices.ContainsFunc(
		e.Gold.Mentions, func(g schemas.Mention) bool { return g.Span == m.Span && g.Type == m.Type },
	)
	return right, right || counts(e, m)
}

// counts reports whether a mention that is not right is wrong: its type is annotated and not masked
// there.
func counts(e *dataset.Example, m schemas.Mention) bool {
	return e.Annotates(m.Type) &&
		!slices.ContainsFunc(
			e.Masked, func(x dataset.Masked) bool { return x.Type == m.Type && overlap(x.Span, m.Span) },
		)
}

func overlap(a, b schemas.Span) bool { return a.Start < b.End && b.Start < a.End }
