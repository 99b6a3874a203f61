package score

import "github.com/pubmine/pubmine/schemas"

// Labels adds the labels of a document. The types of the table are the labels.
func (t Table) Labels(gold []string, found []schemas.Label) {
	wanted, predicted := map[string]bool{}, map[string]bool{}
	for _, x := range gold {
		wanted[x] = true
	}
	for _, x := range found {
		predicted[x.Name] = true
	}
	addSets(wanted, predicted, func(x string) string { return x }, t)
}
