package dataset

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// WithIdentifiers returns the example with the identifiers of a vocabulary in place of those of the
// corpus (linker.Canonical): of the mentions, several sorted and joined by "|", and of the
// relations between concepts.
func (e Example) WithIdentifiers(v *vocabulary.Vocabulary) Example {
	canonical := map[string]string{}
	e.Gold.Mentions = slices.Clone(e.Gold.Mentions)
	for i := range e.Gold.Mentions {
		m := &e.Gold.Mentions[i]
		var ids []string
		for _, c := range Concepts(*m) {
			id := linker.Canonical(v, m.Type, c)
			if canonical[c] = id; id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		m.Concept = strings.Join(ids, "|")
	}
	e.ConceptRelations = slices.Clone(e.ConceptRelations)
	for i, r := range e.ConceptRelations {
		e.ConceptRelations[i].A, e.ConceptRelations[i].B = orSame(canonical, r.A), orSame(canonical, r.B)
	}
	return e
}

func orSame(canonical map[string]string, id string) string {
	if c := canonical[id]; c != "" {
		return c
	}
	return id
}
