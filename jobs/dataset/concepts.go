package dataset

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// WithConcepts returns the example with relations between concepts, as relation heads are trained
// and scored. If the gold relations join mentions without identifiers, mentions of the same type
// and text, ignoring case, are one concept. Examples with ConceptRelations are returned unchanged.
func (e Example) WithConcepts() Example {
	if len(e.ConceptRelations) > 0 || len(e.Gold.Relations) == 0 {
		return e
	}
	body := e.Doc.Text()
	e.Gold.Mentions = slices.Clone(e.Gold.Mentions)
	for i := range e.Gold.Mentions {
		if m := &e.Gold.Mentions[i]; len(Concepts(*m)) == 0 {
			m.Concept = conceptOfName(body, *m)
		}
	}
	seen := map[ConceptRelation]bool{}
	for _, r := range e.Gold.Relations {
		for _, a := range Concepts(e.Gold.Mentions[r.Subject]) {
			for _, b := range Concepts(e.Gold.Mentions[r.Object]) {
				if c := (ConceptRelation{Type: r.Type, A: a, B: b}); !seen[c] {
					seen[c] = true
					e.ConceptRelations = append(e.ConceptRelations, c)
				}
			}
		}
	}
	return e
}

// conceptOfName returns an identifier made of a name; Concepts does not split it.
func conceptOfName(body string, m schemas.Mention) string {
	name := names.Fold(body[m.Start:m.End])
	return "name:" + m.Type + ":" + strings.NewReplacer("|", "/", ",", "/", ";", "/", "+", "/").Replace(name)
}
