package dataset

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// WithConcepts returns the example with its relations stated between concepts, which is how
// relation heads learn and are scored. Where annotators joined mentions and gave no identifiers,
// mentions of the same type and text, case aside, are taken for one concept. Examples whose
// relations are between concepts already are returned as they are.
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

// nameConcept is a concept made of a name: one that Concepts does not split.
func conceptOfName(body string, m schemas.Mention) string {
	name := strings.Join(strings.Fields(strings.ToLower(body[m.Start:m.End])), " ")
	return "name:" + m.Type + ":" + strings.NewReplacer("|", "/", ",", "/", ";", "/", "+", "/").Replace(name)
}
