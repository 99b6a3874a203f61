package dataset

import (
	"maps"
	"slices"
)

// Rules say how to read one corpus.
type Rules struct {
	Corpus, Split string
	Types         map[string]string // the corpus's name of an entity type → ours; others are left out and counted
	Masked        map[string]string // the corpus's name → our type about which such a span says nothing
	// Annotated lists our types that the corpus annotates throughout; nil stands for all values of
	// Types that occur in the file.
	Annotated []string
	AnyType   bool // entity types that Types and Masked leave out are kept under their own names
	NotPMID   bool // the identifiers are numbers, but not PubMed's
	Strict    bool // a mention that is not at its offsets, or of an unknown type, is an error
}

// Standard returns rules that know the type names of the public corpora, to read a PubTator file
// that somebody brings.
func PublicRules(corpus, split string) Rules {
	return Rules{
		Corpus: corpus, Split: split,
		Types: map[string]string{
			"Chemical": Chemical, "ChemicalEntity": Chemical, "CHEMICAL": Chemical, "Drug": Chemical,
			"Disease": Disease, "DiseaseOrPhenotypicFeature": Disease, "SpecificDisease": Disease, "DiseaseClass": Disease,
			"Modifier": Disease, "CompositeMention": Disease,
			"Gene": Gene, "GeneOrGeneProduct": Gene, "GENE": Gene, "GENE-Y": Gene, "GENE-N": Gene, "Protein": Gene,
			"Species": Species, "OrganismTaxon": Species,
			"Variant": Variant, "SequenceVariant": Variant, "Mutation": Variant, "DNAMutation": Variant, "ProteinMutation": Variant,
			"OtherMutation": Variant, "SNP": Variant, "AcidChange": Variant, "DNAAllele": Variant, "ProteinAllele": Variant,
			"CellLine": CellLine, "cell_line": CellLine,
		},
		Masked: map[string]string{"FamilyName": Gene, "DomainMotif": Gene},
	}
}

// Own returns rules for what people bring: types of any name are kept, and where it is one of ours
// in the spelling of a public corpus, it becomes ours unless asWritten.
func UserRules(name, split string, asWritten bool) Rules {
	r := PublicRules(name, split)
	r.AnyType = true
	if asWritten {
		r.Types, r.Masked = nil, nil
	}
	return r
}

// typeOf returns our type for a corpus's name of one, and whether such a span says nothing about
// it.
func (r Rules) typeOf(name string) (typ string, masks, known bool) {
	if typ, known = r.Types[name]; known {
		return typ, false, true
	}
	if typ, known = r.Masked[name]; known {
		return typ, true, true
	}
	return name, false, r.AnyType && name != ""
}

// only leaves the names out that map to other types.
func (r Rules) only(types ...string) Rules {
	r.Types = maps.Clone(r.Types)
	maps.DeleteFunc(r.Types, func(_, t string) bool { return !slices.Contains(types, t) })
	r.Annotated = slices.Sorted(slices.Values(types))
	return r
}

// annotate sets Types of all examples of a file.
func (r Rules) annotate(examples []Example) {
	types := r.Annotated
	if types == nil {
		seen := map[string]bool{}
		for _, e := range examples {
			for _, m := range e.Gold.Mentions {
				seen[m.Type] = true
			}
		}
		types = slices.Sorted(maps.Keys(seen))
	}
	for i := range examples {
		examples[i].Types = types
	}
}
