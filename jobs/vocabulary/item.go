package vocabulary

import (
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
)

// item is a record as a reader finds it.
type item struct {
	vocabulary.Record
	xrefs    []string // cross-references, as the source writes them
	headings []string // parents by their names
	kind     string   // type of a gene, rank of a taxon
}

// add appends names, but no "-", which is NCBI's empty value.
func (x *item) add(kind vocabulary.Kind, texts ...string) {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" && text != "-" {
			x.Names = append(x.Names, vocabulary.Name{Text: text, Kind: kind})
		}
	}
}

// reader reads a source and emits its items.
type reader func(in *input, s Source, dirs []string, emit func(item)) error

// readers are the readers of all formats.
var readers = map[string]reader{
	"mesh-xml": readMeshXML, "mesh-ascii": readMeshASCII, "gene-info": readGeneInfo, "taxdump": readTaxdump,
	"obo": readOBO, "cellosaurus": readCellosaurus, "tsv": readTSV,
}

// Formats returns the names of the formats of sources.
func Formats() []string { return slices.Sorted(maps.Keys(readers)) }

// identifier returns an identifier in the form of our tables. The prefix is that of identifiers
// without one.
func identifier(prefix, id string) string {
	id = strings.TrimSpace(id)
	if local, ok := strings.CutPrefix(id, "CVCL_"); ok {
		return "CVCL:" + local
	}
	if local, ok := strings.CutPrefix(id, "MSH:"); ok {
		return "MESH:" + local
	}
	if id == "" || strings.Contains(id, ":") {
		return id
	}
	return prefix + id
}

// identifiers returns several.
func identifiers(prefix string, ids []string) []string {
	var list []string
	for _, id := range ids {
		if id = identifier(prefix, strings.TrimPrefix(strings.TrimSpace(id), "*")); id != "" {
			list = append(list, id)
		}
	}
	return list
}
