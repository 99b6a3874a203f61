package score

import (
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// Mentions adds the predicted mentions of one document. Only types that the corpus annotates count,
// and a mention that overlaps a span masked for its type is neither a true nor a false positive.
func (t Table) Mentions(e *dataset.Example, predicted []schemas.Mention) {
	type key struct {
		schemas.Span
		typ string
	}
	gold, found := map[key]bool{}, map[key]bool{}
	for _, m := range e.Gold.Mentions {
		gold[key{m.Span, m.Type}] = true
	}
	for _, m := range predicted {
		k := key{m.Span, m.Type}
		if gold[k] && e.Annotates(m.Type) || counts(e, m) {
			found[k] = true
		}
	}
	addSets(gold, found, func(k key) string { return k.typ }, t)
}

// Overlaps is Mentions with relaxed spans: a mention is a true positive when it overlaps a gold
// mention of its type. Each gold mention matches one predicted mention, in text order.
func (t Table) Overlaps(e *dataset.Example, predicted []schemas.Mention) {
	matched := make([]bool, len(e.Gold.Mentions))
	predicted = slices.Clone(predicted)
	slices.SortStableFunc(predicted, func(a, b schemas.Mention) int { return a.Start - b.Start })
	for _, m := range predicted {
		match := slices.IndexFunc(
			e.Gold.Mentions,
			func(g schemas.Mention) bool { return !matched[g.ID] && g.Type == m.Type && overlap(g.Span, m.Span) },
		)
		switch {
		case match >= 0:
			matched[match] = true
			t[m.Type] = t[m.Type].Add(Count{TP: 1})
		case counts(e, m):
			t[m.Type] = t[m.Type].Add(Count{FP: 1})
		}
	}
	for i, g := range e.Gold.Mentions {
		if !matched[i] {
			t[g.Type] = t[g.Type].Add(Count{FN: 1})
		}
	}
}

// Mention reports whether a predicted mention is a true positive, and whether it counts at all (see
// Table.Mentions).
func Mention(e *dataset.Example, m schemas.Mention) (correct, counted bool) {
	correct = slices.ContainsFunc(
		e.Gold.Mentions, func(g schemas.Mention) bool { return g.Span == m.Span && g.Type == m.Type },
	)
	return correct, correct || counts(e, m)
}

// counts reports whether a mention that matches no gold mention is a false positive: the corpus
// annotates its type, and its span is not masked.
func counts(e *dataset.Example, m schemas.Mention) bool {
	return e.Annotates(m.Type) &&
		!slices.ContainsFunc(
			e.Masked, func(x dataset.Masked) bool { return x.Type == m.Type && overlap(x.Span, m.Span) },
		)
}

func overlap(a, b schemas.Span) bool { return a.Start < b.End && b.Start < a.End }
