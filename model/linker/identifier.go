package linker

import (
	"strings"

	"github.com/pubmine/pubmine/model/variant"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// Canonical returns an identifier as a linker writes it: with the prefix that corpora leave out
// ("D001241" is MESH:D001241, a gene's "672" NCBIGene:672), and for a retired or alternative
// identifier the one of the concept that has it. It returns "" for "-1" and "-", which stand for no
// concept.
func Canonical(v *vocabulary.Vocabulary, typ, id string) string {
	id = strings.TrimSpace(id)
	if id == "" || id == "-1" || id == "-" {
		return ""
	}
	if typ == sequenceVariant {
		return variant.FromTmVar(id)
	}
	if !strings.Contains(id, ":") {
		switch typ {
		case chemical, disease:
			id = "MESH:" + id
		case gene:
			id = "NCBIGene:" + id
		case species:
			id = "NCBITaxon:" + id
		case cellLine:
			id = "CVCL:" + strings.TrimPrefix(id, "CVCL_")
		}
	}
	if c, ok := v.Lookup(id); ok {
		return v.ConceptID(c)
	}
	return id
}
