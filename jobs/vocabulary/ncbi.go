package vocabulary

import (
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
)

// Columns of gene_info.
const (
	geneTaxon, geneID, geneSymbol, geneSynonyms, geneDescription, geneType, geneFullName, geneOther = 0, 1, 2, 4, 8, 9,
		11, 13
)

// readGeneInfo reads genes.
func readGeneInfo(in *input, _ Source, _ []string, emit func(item)) error {
	return in.each(func(line string) error {
		if strings.HasPrefix(line, "#") || line == "" {
			return nil
		}
		f := strings.Split(line, "\t")
		if len(f) <= geneOther {
			return in.fail("%d columns: gene_info has at least %d", len(f), geneOther+1)
		}
		var x item
		x.ID, x.Species, x.kind = "NCBIGene:"+f[geneID], "NCBITaxon:"+f[geneTaxon], f[geneType]
		if f[geneSymbol] == "NEWENTRY" { // a gene without a record yet
			return nil
		}
		x.add(vocabulary.Symbol, f[geneSymbol])
		x.add(0, f[geneFullName], f[geneDescription])
		x.add(vocabulary.Symbol, strings.Split(f[geneSynonyms], "|")...)
		x.add(0, strings.Split(f[geneOther], "|")...)
		emit(x)
		return nil
	})
}

// taxonNames are the classes of names.dmp that are names in texts.
var taxonNames = map[string]bool{
	"scientific name": true, "synonym": true, "equivalent name": true, "genbank common name": true, "common name": true,
	"acronym": true, "blast name": true,
}

// readTaxdump reads names.dmp and nodes.dmp, whose fields are separated by "\t|\t". The lines of a
// taxon follow one another.
func readTaxdump(in *input, s Source, dirs []string, emit func(item)) error {
	parents, ranks := map[string]string{}, map[string]string{}
	nodes, err := openInput(dirs, s.Nodes)
	if err != nil {
		return err
	}
	err = nodes.each(func(line string) error {
		f := strings.Split(strings.TrimSuffix(line, "\t|"), "\t|\t")
		if len(f) < 3 {
			return nodes.fail("%d fields: nodes.dmp has at least 3", len(f))
		}
		parents[f[0]], ranks[f[0]] = f[1], f[2]
		return nil
	})
	if _, closed := nodes.close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	var x item
	flush := func() {
		if len(x.Names) > 0 {
			emit(x)
		}
	}
	err = in.each(func(line string) error {
		f := strings.Split(strings.TrimSuffix(line, "\t|"), "\t|\t")
		if len(f) < 4 {
			return in.fail("%d fields: names.dmp has 4", len(f))
		}
		if id := "NCBITaxon:" + f[0]; id != x.ID {
			flush()
			x = item{kind: ranks[f[0]]}
			x.ID, x.Parents = id, []string{"NCBITaxon:" + parents[f[0]]}
		}
		switch {
		case f[3] == "scientific name":
			x.Names = append([]vocabulary.Name{{Text: f[1]}}, x.Names...)
		case taxonNames[f[3]]:
			x.add(0, f[1])
		}
		return nil
	})
	flush()
	return err
}
