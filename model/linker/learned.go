package linker

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// Names are the names of the training set with the concepts that they were annotated with.
type Names map[nameKey]*annotations

// annotations are the concepts of a name.
type annotations struct {
	name     string // its first spelling
	concepts []annotated
}

type nameKey struct{ typ, key string }

// annotated is a concept, or several joined by "|", and the number of its annotations.
type annotated struct {
	id    string
	count float32
}

// Add counts annotations of a name.
func (n Names) Add(typ, name, id string, count float32) {
	k := nameKey{typ, learnedKey(name)}
	all := n[k]
	if all == nil {
		all = &annotations{name: name}
		n[k] = all
	}
	for i, a := range all.concepts {
		if a.id == id {
			all.concepts[i].count += count
			return
		}
	}
	all.concepts = append(all.concepts, annotated{id, count})
}

// find returns the concepts of a name, the most frequent first.
func (n Names) find(typ, name string) []annotated {
	all := n[nameKey{typ, learnedKey(name)}]
	if all == nil {
		return nil
	}
	return slices.SortedFunc(slices.Values(all.concepts), func(a, b annotated) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.id, b.id))
	})
}

// conceptNames returns the names of a type that stand for one concept, in order.
func (n Names) conceptNames(v *vocabulary.Vocabulary, typ string) (names []vocabulary.ConceptName) {
	for k, all := range n {
		for _, a := range all.concepts {
			if c, ok := v.Lookup(a.id); ok && k.typ == typ {
				names = append(names, vocabulary.ConceptName{Concept: c, Name: all.name})
			}
		}
	}
	slices.SortFunc(names, func(a, b vocabulary.ConceptName) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Concept, b.Concept))
	})
	return names
}

// learnedKey is the key of a name (package normalize), in which the case of a name of up to three
// letters counts.
func learnedKey(name string) string {
	if len(name) <= 3 {
		return name
	}
	return string(normalize.Key(nil, name))
}
