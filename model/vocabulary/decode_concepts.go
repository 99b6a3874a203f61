package vocabulary

import (
	"slices"

	"github.com/klauspost/compress/zstd"
)

// readConcepts reads all about concepts but their names. It keeps the decompressed section, of
// which strings and lists are parts.
func (v *Vocabulary) readConcepts(zip *zstd.Decoder, s section) error {
	raw := make([]byte, s.raw)
	if err := s.expand(zip, raw); err != nil {
		return err
	}
	in := &cursor{data: raw}
	if total := v.readClasses(in); in.err != nil || total != s.concepts {
		return errDamaged
	}
	v.numbers = make([]uint32, s.concepts)
	for i := range v.classes {
		v.readIDs(in, &v.classes[i])
	}
	v.parents = relationOf(in, s.concepts)
	v.trees = treesOf(in, s.concepts)
	for range in.count() {
		o := otherID{in.string(), Concept(in.number(s.concepts - 1))}
		if n := len(v.other); n > 0 && v.other[n-1].id >= o.id {
			in.fail()
			break
		}
		v.other = append(v.other, o)
	}
	if in.err != nil || len(in.data) > 0 {
		return errDamaged
	}
	return nil
}

// readClasses reads the classes and returns the number of their concepts.
func (v *Vocabulary) readClasses(in *cursor) int {
	total, types := 0, map[string]bool{}
	for range in.count() {
		c := class{typ: in.string(), species: in.string(), prefix: in.string()}
		c.width, c.base = in.number(36), in.number(36)
		c.first = Concept(total)
		total += in.count()
		c.end = Concept(total)
		if n := len(v.classes); n > 0 && compareClasses(v.classes[n-1], c) >= 0 || !slices.Contains(bases, c.base) ||
			c.first == c.end {
			in.fail()
			return 0
		}
		types[c.typ] = true
		v.classes = append(v.classes, c)
	}
	if len(types) > maxTypes {
		in.fail()
	}
	return total
}

var bases = []int{0, 10, 36}

// maxTypes is the number of bits in Match.Types.
const maxTypes = 64

func (v *Vocabulary) readIDs(in *cursor, c *class) {
	last := uint64(0)
	for i := c.first; i < c.end && in.err == nil; i++ {
		if c.base == 0 {
			c.ids = append(c.ids, in.string())
			continue
		}
		last += in.uvarint()
		if last > 1<<32-1 {
			in.fail()
		}
		v.numbers[i] = uint32(last)
	}
}
