package vocabulary

import (
	"iter"
	"math/bits"
	"sync/atomic"
)

// table finds the names of a key: a hash table whose buckets are consecutive in two arrays. A
// name's mark has some bits of the hash, so that nearly all comparisons end without reading a name.
// Beside it, a Bloom filter of the beginnings of keys ends the search for a longer name early.
type table struct {
	first   []uint32 // index of the first name of each bucket, and the end
	offsets []uint32 // of the names
	marks   []uint8  // of the names
	prefix  []uint32 // bits
}

// prefixLengths are the lengths of the beginnings of keys that the filter knows.
const prefixLengths = 1<<4 | 1<<8 | 1<<16 | 1<<32

// offsetBasis and prime are those of the hash FNV-1a of 64 bits.
const (
	offsetBasis = 14695981039346656037
	prime       = 1099511628211
)

// newTable returns a table for a number of names, with an empty filter.
func newTable(names int) table {
	return table{prefix: make([]uint32, 1<<bits.Len(uint(names/4)))}
}

// begin adds the beginnings of a key to the filter and returns the key's hash. Several goroutines
// may call it.
func (t *table) begin(key []byte) uint32 {
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
	return mix(h)
}

// fill sorts the names of a vocabulary, which have the hashes, into buckets.
func (t *table) fill(v *Vocabulary, hashes []uint32) {
	t.first = make([]uint32, 2+max(1, len(hashes)/2))
	for _, h := range hashes {
		t.first[t.bucket(h)+2]++
	}
	for b := 2; b < len(t.first); b++ {
		t.first[b] += t.first[b-1]
	}
	t.offsets, t.marks = make([]uint32, len(hashes)), make([]uint8, len(hashes))
	at := uint32(0)
	for _, h := range hashes {
		next := &t.first[t.bucket(h)+1] // of this bucket until it is full, then of the one after
		t.offsets[*next], t.marks[*next] = at, uint8(h)
		*next++
		_, _, at = v.nameAt(at)
	}
}

func (t *table) bucket(h uint32) int { return int(uint64(h) * uint64(len(t.first)-2) >> 32) }

// named returns the offsets of names of which nearly all have a hash.
func (t *table) named(h uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		b := t.bucket(h)
		for i := t.first[b]; i < t.first[b+1]; i++ {
			if t.marks[i] == uint8(h) && !yield(t.offsets[i]) {
				return
			}
		}
	}
}

// prefixBit returns the place in the filter of a beginning.
func (t *table) prefixBit(h uint64) (word *uint32, bit uint32) {
	m := mix(h)
	return &t.prefix[m>>5&uint32(len(t.prefix)-1)], 1 << (m & 31)
}

// continues reports whether a name may begin with n bytes.
func (t *table) continues(h uint64, n int) bool {
	if n > 32 || uint64(prefixLengths)>>n&1 == 0 {
		return true
	}
	word, bit := t.prefixBit(h)
	return *word&bit != 0
}

// mix makes 32 bits of the hash of bytes, each of which depends on all.
func mix(h uint64) uint32 {
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h>>32 ^ h>>61)
}

func hash(key []byte) uint32 {
	h := uint64(offsetBasis)
	for _, b := range key {
		h = (h ^ uint64(b)) * prime
	}
	return mix(h)
}
