package score

import (
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/names"
)

// NoConcept is the concept that BioGPT's scripts give to an unknown name.
const NoConcept = "-1"

// NotInText is the type, in a Table, of generated relations that are not in the document's text.
const NotInText = "(not in the text)"

// NameIndex maps the names in all documents of a split to concepts, as BioGPT's entities.json does.
// If documents differ, the last one wins.
type NameIndex map[nameKey]string

// NewNameIndex collects the names of documents.
func NewNameIndex(examples []dataset.Example) NameIndex {
	all := NameIndex{}
	for i := range examples {
		for k, concepts := range Concepts(&examples[i]) {
			all[k] = concepts[len(concepts)-1]
		}
	}
	return all
}

// Concept returns the concept of a name, or NoConcept.
func (x NameIndex) Concept(typ, name string) string {
	if c, ok := x[nameKey{typ, names.Fold(name)}]; ok {
		return c
	}
	return NoConcept
}

// RelationsByString adds the predicted relations of one document, as a set of (type, concept,
// concept), where NoConcept counts as a concept: the measure of BioGPT's scripts for BC5CDR.
func (t Table) RelationsByString(e *dataset.Example, predicted []dataset.ConceptRelation) {
	gold, found := map[dataset.ConceptRelation]bool{}, map[dataset.ConceptRelation]bool{}
	for _, r := range e.ConceptRelations {
		gold[r] = true
	}
	for _, r := range predicted {
		found[r] = true
	}
	addSets(gold, found, func(r dataset.ConceptRelation) string { return r.Type }, t)
}
