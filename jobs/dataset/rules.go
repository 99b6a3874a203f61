package dataset

import (
	"maps"
	"slices"
)

// Rules describe how to read one corpus.
type Rules struct {
	Corpus, Split string
	Types         map[string]string // type in the corpus → our type; other types are left out and counted
	Masked        map[string]string // type in the corpus → our type that its spans neither confirm nor deny
	// Annotated lists our types that the corpus annotates exhaustively; nil means all that occur in
	// the file.
	Annotated []string
	AnyType   bool // types that are in neither Types nor Masked keep their names
	NotPMID   bool // the identifiers are no PMIDs, though they may be numbers
	Strict    bool // a mention of an unknown type, or that is not at its offsets, is an error
}

// PublicRules returns rules that map the types of the public corpora to ours.
func PublicRules(corpus, split string) Rules {
	return Rules{
		Corpus: corpus, Split: split,
		Types: map[string]string{
			"Chemical": Chemical, "ChemicalEntity": Chemical, "CHEMICAL": Chemical, "Drug": Chemical,
			"Disease": Disease, "DiseaseOrPhenotypicFeature": Disease, "SpecificDisease": Disease,
			"DiseaseClass": Disease, "Modifier": Disease, "CompositeMention": Disease,
			"Gene": Gene, "GeneOrGeneProduct": Gene, "GENE": Gene, "GENE-Y": Gene, "GENE-N": Gene, "Protein": Gene,
			"Species": Species, "OrganismTaxon": Species,
			"Variant": Variant, "SequenceVariant": Variant, "Mutation": Variant, "DNAMutation": Variant,
			"ProteinMutation": Variant, "OtherMutation": Variant, "SNP": Variant, "AcidChange": Variant,
			"DNAAllele": Variant, "ProteinAllele": Variant,
			"CellLine": CellLine, "cell_line": CellLine,
		},
		Masked: map[string]string{"FamilyName": Gene, "DomainMotif": Gene},
	}
}

// UserRules returns rules for annotations that a user brings. All types are kept; those of the
// public corpora become ours unless rawTypes is set.
func UserRules(name, split string, rawTypes bool) Rules {
	r := PublicRules(name, split)
	r.AnyType = true
	if rawTypes {
		r.Types, r.Masked = nil, nil
	}
	return r
}

// typeOf returns our type for a type in the corpus, and whether its spans are masked.
func (r Rules) typeOf(name string) (typ string, masks, known bool) {
	if typ, known = r.Types[name]; known {
		return typ, false, true
	}
	if typ, known = r.Masked[name]; known {
		return typ, true, true
	}
	return name, false, r.AnyType && name != ""
}

// only keeps the types that map to the given ones.
func (r Rules) only(types ...string) Rules {
	r.Types = maps.Clone(r.Types)
	maps.DeleteFunc(r.Types, func(_, t string) bool { return !slices.Contains(types, t) })
	r.Annotated = slices.Sorted(slices.Values(types))
	return r
}

// annotate sets the Types of all examples of a file.
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
