package score

import "github.com/pubmine/pubmine/jobs/dataset"

// NoConcept is what BioGPT's scripts take for the concept of a name that they do not know.
const NoConcept = "-1"

// Unfounded is the type, in a Table, of what a model wrote and the document does not bear out.
const Unfounded = "(not in the text)"

// Entities know which concept the documents of a part give to a name, whichever document it is, as
// BioGPT's entities.json does: where they differ, the last counts.
type Entities map[nameKey]string

// NewEntities collects the names of documents.
func NewEntities(examples []dataset.Example) Entities {
	all := Entities{}
	for i := range examples {
		for k, concepts := range Concepts(&examples[i]) {
			all[k] = concepts[len(concepts)-1]
		}
	}
	return all
}

// Concept returns the concept of a name, or NoConcept.
func (x Entities) Concept(typ, name string) string {
	if c, ok := x[nameKey{typ, fold(name)}]; ok {
		return c
	}
	return NoConcept
}

// Strings adds to t the relations that were found in one document between concepts, as a set:
// BC5CDR's score of (document, chemical, disease), with NoConcept as one more concept.
func (t Table) Strings(e *dataset.Example, found []dataset.ConceptRelation) {
	wanted, got := map[dataset.ConceptRelation]bool{}, map[dataset.ConceptRelation]bool{}
	for _, r := range e.ConceptRelations {
		wanted[r] = true
	}
	for _, r := range found {
		got[r] = true
	}
	sets(wanted, got, func(r dataset.ConceptRelation) string { return r.Type }, t)
}
