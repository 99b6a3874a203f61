package vocabulary

import (
	"math/bits"
	"sync/atomic"
)

// table finds the names of a key. It is a hash table with linear probing of the offsets of names.
// A slot's mark has some bits of the hash, so that nearly all probes end without reading a name.
// Beside it, a Bloom filter of the beginnings of keys ends the search for a longer name early.
type table struct {
	slots  []uint32 // offset + 1 of a name, or 0
	marks  []uint16 // not 0 where there is a name
	prefix []uint32 // bits
}

// prefixLengths are the lengths of the beginnings of keys that the filter knows.
const prefixLengths = 1<<4 | 1<<8 | 1<<16 | 1<<32

// offsetBasis and prime are those of the hash FNV-1a of 64 bits.
const (
	offsetBasis = 14695981039346656037
	prime       = 1099511628211
)

func newTable(names int) table {
	slots := names + names/4 + 1
	return table{
		slots: make([]uint32, slots), marks: make([]uint16, slots),
		prefix: make([]uint32, 1<<bits.Len(uint(names/4))),
	}
}

// insert adds the name at an offset, which has the key. Several goroutines may insert.
func (t *table) insert(key []byte, offset uint32) {
	h := uint64(offsetBasis)
	for i, b := range key {
		h = (h ^ uint64(b)) * prime
		if n := i + 1; n <= 32 && uint64(prefixLengths)>>n&1 != 0 {
			word, bit := t.prefixBit(h)
			if atomic.LoadUint32(word)&bit == 0 {
				atomic.OrUint32(word, bit)
			}
		}
	}
	i, mark := t.slot(h)
	for !atomic.CompareAndSwapUint32(&t.slots[i], 0, offset+1) {
		i = t.next(i)
	}
	t.marks[i] = mark
}

// slot returns the first slot of a hash, and the mark.
func (t *table) slot(h uint64) (i int, mark uint16) {
	h = mix(h)
	high, _ := bits.Mul64(h, uint64(len(t.slots)))
	return int(high), uint16(h) | 1
}

func (t *table) next(i int) int {
	if i++; i == len(t.slots) {
		return 0
	}
	return i
}

// prefixBit returns the place in the filter of the hash of a beginning.
func (t *table) prefixBit(h uint64) (word *uint32, bit uint32) {
	h = mix(h) >> 32
	return &t.prefix[h>>5&uint64(len(t.prefix)-1)], 1 << (h & 31)
}

// continues reports whether a name may begin with the n bytes of a hash.
func (t *table) continues(h uint64, n int) bool {
	if n > 32 || uint64(prefixLengths)>>n&1 == 0 {
		return true
	}
	word, bit := t.prefixBit(h)
	return *word&bit != 0
}

// mix spreads the bits of a hash over all of it.
func mix(h uint64) uint64 {
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

func hash(key []byte) uint64 {
	h := uint64(offsetBasis)
	for _, b := range key {
		h = (h ^ uint64(b)) * prime
	}
	return h
}
