package vocabulary

import (
	"hash/maphash"
	"iter"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// table finds the names of a key: a hash table whose buckets are consecutive in two arrays. A
// name's mark has some bits of the hash, so that nearly all comparisons end without reading a name.
// Beside it, a Bloom filter of the keys and of their beginnings ends most searches early.
type table struct {
	seed    maphash.Seed
	first   []uint32 // index of the first name of each bucket, and the end
	offsets []uint32 // of the names; in a bucket they descend
	marks   []uint8  // of the names
	filter  []uint32 // bits
}

// shortest is the length of the shortest beginnings in the filter; the others have twice, four
// times, … the length.
const shortest = 4

// newTable returns a table for a number of names, with an empty filter.
func newTable(names int) table {
	return table{seed: maphash.MakeSeed(), filter: make([]uint32, 1<<bits.Len(uint(names/8)))}
}

func (t *table) hash(key []byte) uint32 { return uint32(maphash.Bytes(t.seed, key) >> 32) }

// add adds a key and its beginnings to the filter and returns the hash of the key. Several
// goroutines may call it.
func (t *table) add(key []byte) uint32 {
	for n := shortest; n < len(key); n *= 2 {
		t.set(t.hash(key[:n]))
	}
	h := t.hash(key)
	t.set(h)
	return h
}

func (t *table) set(h uint32) {
	if word, bit := t.bit(h); atomic.LoadUint32(word)&bit == 0 {
		atomic.OrUint32(word, bit)
	}
}

// has reports whether the filter may have a key or a beginning of a hash.
func (t *table) has(h uint32) bool {
	word, bit := t.bit(h)
	return *word&bit != 0
}

// bit returns the place of a hash in the filter.
func (t *table) bit(h uint32) (word *uint32, bit uint32) {
	return &t.filter[h>>5&uint32(len(t.filter)-1)], 1 << (h & 31)
}

// fill sorts the names of a vocabulary, whose keys have the hashes, into buckets. It uses all
// processors.
func (t *table) fill(v *Vocabulary, hashes []uint32) {
	t.offsets, t.marks = make([]uint32, len(hashes)), make([]uint8, len(hashes))
	buckets := max(1, len(hashes)/4)
	t.first = make([]uint32, buckets+1)
	t.first[buckets] = uint32(len(hashes))
	parts := runtime.GOMAXPROCS(0)
	var work sync.WaitGroup
	for p := range parts {
		work.Go(func() { t.fillPart(v, hashes, buckets*p/parts, buckets*(p+1)/parts) })
	}
	work.Wait()
}

// fillPart fills a range of the buckets.
func (t *table) fillPart(v *Vocabulary, hashes []uint32, from, to int) {
	end := uint32(0)
	for _, h := range hashes {
		switch b := t.bucket(h); {
		case b < from:
			end++
		case b < to:
			t.first[b]++
		}
	}
	for b := from; b < to; b++ {
		end += t.first[b]
		t.first[b] = end
	}
	at := uint32(0)
	for _, h := range hashes {
		if b := t.bucket(h); from <= b && b < to {
			t.first[b]--
			i := t.first[b]
			t.offsets[i], t.marks[i] = at, uint8(h)
		}
		_, _, at = v.nameAt(at)
	}
}

func (t *table) bucket(h uint32) int { return int(uint64(h) * uint64(len(t.first)-1) >> 32) }

// named returns, descending, the offsets of the names of a key of a hash, and of few others.
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
