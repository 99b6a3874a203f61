package relation

import (
	"strings"

	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// Hierarchy returns the hierarchy of a vocabulary. A mention with several concepts stands below
// another one if one of its concepts does.
func Hierarchy(v *vocabulary.Vocabulary) features.Hierarchy { return hierarchy{v} }

type hierarchy struct{ vocabulary *vocabulary.Vocabulary }

// Is reports whether a concept stands below another one.
func (h hierarchy) Is(concept, ancestor string) bool {
	for a := range strings.SplitSeq(concept, conceptSeparator) {
		for b := range strings.SplitSeq(ancestor, conceptSeparator) {
			x, known := h.vocabulary.Lookup(a)
			y, both := h.vocabulary.Lookup(b)
			if known && both && x != y && h.vocabulary.Is(x, y) {
				return true
			}
		}
	}
	return false
}
