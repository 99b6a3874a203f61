package vocabulary

import "encoding/binary"

// relation has a list of other concepts for each concept. Lists are kept encoded, as in the file,
// with the offset of each stride-th: most concepts have one parent.
type relation struct {
	data    []byte
	offsets []uint32
}

const stride = 32

// relationOf returns the relation that a cursor is at.
func relationOf(in *cursor, concepts int) relation {
	all := in.data
	r := relation{offsets: make([]uint32, 0, concepts/stride+1)}
	for c := range concepts {
		if c%stride == 0 {
			r.offsets = append(r.offsets, uint32(len(all)-len(in.data)))
		}
		for range in.count() {
			if x := int64(c) + in.varint(); x < 0 || x >= int64(concepts) {
				in.fail()
			}
		}
	}
	if in.err == nil {
		r.data = all[:len(all)-len(in.data)]
	}
	return r
}

// of returns the list of a concept.
func (r relation) of(c Concept) []Concept {
	in := cursor{data: r.data[r.offsets[c/stride]:]}
	for range c % stride {
		for range in.uvarint() {
			in.varint()
		}
	}
	n := in.uvarint()
	if n == 0 {
		return nil
	}
	list := make([]Concept, n)
	for i := range list {
		list[i] = Concept(int64(c) + in.varint())
	}
	return list
}

// appendRelated appends the list of a concept to dst.
func appendRelated(dst []byte, c Concept, list []Concept) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, other := range list {
		dst = binary.AppendVarint(dst, int64(other)-int64(c))
	}
	return dst
}
