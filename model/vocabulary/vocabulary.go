package vocabulary

import (
	"iter"
	"slices"
	"sort"
	"strings"
)

// Vocabulary is a vocabulary in memory. It is safe for concurrent use.
type Vocabulary struct {
	Card   Card
	SHA256 string // of the file's contents, in hex
	Size   int    // of the file, in bytes

	classes []class
	numbers []uint32 // of the identifiers, by concept
	first   []uint32 // offset in names of the first name, by concept, and the end
	names   []byte
	parents relation
	trees   trees
	other   []otherID
	table   table
	bounds  []uint32 // offset in names of the beginning of each type
}

// Concept is the index of a concept in a vocabulary. Concepts of one type are consecutive.
type Concept uint32

// otherID is a retired or alternative identifier of a concept.
type otherID struct {
	id      string
	concept Concept
}

// Types returns the types of concepts, in order.
func (v *Vocabulary) Types() []string {
	var types []string
	for _, c := range v.classes {
		if len(types) == 0 || types[len(types)-1] != c.typ {
			types = append(types, c.typ)
		}
	}
	return types
}

// Concepts returns all concepts of a type.
func (v *Vocabulary) Concepts(typ string) iter.Seq[Concept] {
	return func(yield func(Concept) bool) {
		for _, class := range v.classes {
			for c := class.first; class.typ == typ && c < class.end; c++ {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// Lookup returns the concept of an identifier, which may be a retired or alternative one.
func (v *Vocabulary) Lookup(id string) (Concept, bool) {
	form, number := splitID(id)
	for i := range v.classes {
		if c, ok := v.classes[i].find(v.numbers, id, form, number); ok {
			return c, true
		}
	}
	i, ok := slices.BinarySearchFunc(v.other, id, func(o otherID, id string) int { return strings.Compare(o.id, id) })
	if !ok {
		return 0, false
	}
	return v.other[i].concept, true
}

func (v *Vocabulary) class(c Concept) *class {
	return &v.classes[sort.Search(len(v.classes), func(i int) bool { return v.classes[i].end > c })]
}

// ConceptID returns the identifier of a concept.
func (v *Vocabulary) ConceptID(c Concept) string { return v.class(c).id(c, v.numbers[c]) }

// Type returns the type of a concept, such as "Chemical".
func (v *Vocabulary) Type(c Concept) string { return v.class(c).typ }

// Species returns the identifier of the species of a gene or cell line, "NCBITaxon:9606", or "".
func (v *Vocabulary) Species(c Concept) string { return v.class(c).species }

// Name returns the preferred name of a concept.
func (v *Vocabulary) Name(c Concept) string {
	_, name, _ := v.nameAt(v.first[c])
	return string(name)
}

// Names returns the names of a concept, the preferred one first.
func (v *Vocabulary) Names(c Concept) iter.Seq2[string, Kind] {
	return func(yield func(string, Kind) bool) {
		for at := v.first[c]; at < v.first[c+1]; {
			kind, name, next := v.nameAt(at)
			if !yield(string(name), kind) {
				return
			}
			at = next
		}
	}
}

// Trees returns the tree numbers of a MeSH descriptor.
func (v *Vocabulary) Trees(c Concept) []string { return v.trees.of(c) }

// Parents returns the direct superordinate concepts that the source names: those of an ontology,
// the taxon above, or the headings that a supplementary record of MeSH is mapped to. The hierarchy
// of MeSH descriptors is in Trees.
func (v *Vocabulary) Parents(c Concept) []Concept { return v.parents.of(c) }

// Is reports whether a concept is another one, or one of its descendants.
func (v *Vocabulary) Is(c, ancestor Concept) bool {
	seen := map[Concept]bool{}
	var is func(c Concept) bool
	is = func(c Concept) bool {
		if c == ancestor || v.below(c, ancestor) {
			return true
		}
		if seen[c] {
			return false
		}
		seen[c] = true
		return slices.ContainsFunc(v.Parents(c), is)
	}
	return is(c)
}

// below reports whether a concept stands below another one in MeSH's trees.
func (v *Vocabulary) below(c, ancestor Concept) bool {
	roots := v.trees.of(ancestor)
	if len(roots) == 0 {
		return false
	}
	for _, tree := range v.trees.of(c) {
		for _, above := range roots {
			if len(tree) > len(above) && tree[len(above)] == '.' && strings.HasPrefix(tree, above) {
				return true
			}
		}
	}
	return false
}
