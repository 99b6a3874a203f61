package vocabulary

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"
	"strings"
	"unsafe"

	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// Manner is how a name that was looked up matches a name of the vocabulary.
type Manner uint8

// The manners of a match, from the best.
const (
	Exact      Manner = iota // the same spelling
	Folded                   // the same but for case and white space
	Normalized               // the same key (package normalize)
)

func (m Manner) String() string { return [...]string{"exact", "folded", "normalized"}[m] }

// Entry is a name of a concept that was found.
type Entry struct {
	Concept Concept
	Name    string // as the vocabulary spells it
	Kind    Kind
	Manner  Manner
}

// Find returns the entries of a name, at most one for each concept: best manner first, then
// preferred names, then by concept.
func (v *Vocabulary) Find(name string) []Entry {
	key := normalize.Key(nil, name)
	if len(key) == 0 {
		return nil
	}
	var entries []Entry
	v.each(key, func(at uint32) {
		kind, text, _ := v.nameAt(at)
		e := Entry{Concept: v.conceptAt(at), Name: string(text), Kind: kind, Manner: Normalized}
		switch {
		case e.Name == name:
			e.Manner = Exact
		case names.Fold(e.Name) == names.Fold(name):
			e.Manner = Folded
		}
		entries = append(entries, e)
	})
	slices.SortFunc(entries, func(a, b Entry) int {
		if a.Manner != b.Manner {
			return int(a.Manner) - int(b.Manner)
		}
		if p := int(b.Kind&Preferred) - int(a.Kind&Preferred); p != 0 {
			return p
		}
		if a.Concept != b.Concept {
			return int(a.Concept) - int(b.Concept)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return entries
}

// each calls do with the offset of each name that has a key, in no certain order.
func (v *Vocabulary) each(key []byte, do func(at uint32)) {
	var buf [128]byte
	for at := range v.table.named(v.table.hash(key)) {
		_, text, _ := v.nameAt(at)
		if bytes.Equal(normalize.Key(buf[:], view(text)), key) {
			do(at)
		}
	}
}

// nameAt returns the name at an offset, and the offset of the next.
func (v *Vocabulary) nameAt(at uint32) (kind Kind, text []byte, next uint32) {
	data := v.names[at:]
	n, size := uint64(data[1]), 1
	if n >= 0x80 {
		n, size = binary.Uvarint(data[1:])
	}
	from := 1 + size
	return Kind(data[0]), data[from : from+int(n)], at + uint32(from) + uint32(n)
}

// conceptAt returns the concept of the name at an offset.
func (v *Vocabulary) conceptAt(at uint32) Concept {
	return Concept(sort.Search(len(v.numbers), func(i int) bool { return v.first[i+1] > at }))
}

// view returns bytes that nobody changes as a string.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
