package vocabulary

import (
	"strings"
)

// readCellosaurus reads cellosaurus.txt: lines "AC   CVCL_0030" up to a line "//".
func readCellosaurus(in *input, s Source, _ []string, emit func(item)) error {
	var x item
	records := 0
	err := in.each(func(line string) error {
		if line == "//" {
			if x.ID == "" || len(x.Names) == 0 {
				return in.fail("the record that ends here has no line AC or ID")
			}
			emit(x)
			x, records = item{}, records+1
			return nil
		}
		tag, value, ok := strings.Cut(line, "   ")
		if !ok || len(tag) != 2 {
			return nil // the header
		}
		switch tag {
		case "ID":
			x.add(0, value)
		case "AC":
			x.ID = identifier(s.Prefix, value)
		case "AS":
			x.Other = identifiers(s.Prefix, strings.Split(value, "; "))
		case "SY":
			x.add(0, strings.Split(value, "; ")...)
		case "HI":
			id, _, _ := strings.Cut(value, " ")
			x.Parents = append(x.Parents, identifier(s.Prefix, id))
		case "OX":
			taxon, _, _ := strings.Cut(strings.TrimPrefix(value, "NCBI_TaxID="), ";")
			if x.Species == "" {
				x.Species = "NCBITaxon:" + taxon
			}
		}
		return nil
	})
	if err == nil && (records == 0 || x.ID != "") {
		return in.fail("not cellosaurus.txt, or incomplete: its last record does not end in //")
	}
	return err
}
