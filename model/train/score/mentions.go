package score

import (
	"slices"

	"github.com/pubmine/pubmine/model/train/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// Mentions adds to t the mentions found in one document. Only types that the corpus annotates count, and a found mention
// that overlaps a span masked for its type counts neither as right nor as wrong.
func (t Table) Mentions(e *corpus.Example, found []schemas.Mention) {
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
		masked := slices.ContainsFunc(e.Masked, func(x corpus.Masked) bool {
			return x.Type == m.Type && x.Start < m.End && m.Start < x.End
		})
		if e.Annotates(m.Type) && (wanted[k] || !masked) {
			got[k] = true
		}
	}
	sets(wanted, got, func(k key) string { return k.typ }, t)
}
