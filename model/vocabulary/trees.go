package vocabulary

import "slices"

// trees has the tree numbers of those concepts that have any. The lists are kept encoded, as in the
// file.
type trees struct {
	concepts []Concept // ascending
	offsets  []uint32  // of the list of each
	data     []byte
}

// treesOf returns the tree numbers that a cursor is at.
func treesOf(in *cursor, concepts int) trees {
	n := in.count()
	t := trees{concepts: make([]Concept, 0, n), offsets: make([]uint32, 0, n), data: in.data}
	c := 0
	for range n {
		c += in.number(concepts)
		t.concepts = append(t.concepts, Concept(c))
		t.offsets = append(t.offsets, uint32(len(t.data)-len(in.data)))
		for range in.count() {
			in.string()
		}
	}
	if c > concepts {
		in.fail()
	}
	return t
}

// of returns the tree numbers of a concept.
func (t trees) of(c Concept) []string {
	i, ok := slices.BinarySearch(t.concepts, c)
	if !ok {
		return nil
	}
	in := cursor{data: t.data[t.offsets[i]:]}
	list := make([]string, in.count())
	for i := range list {
		list[i] = in.string()
	}
	return list
}
