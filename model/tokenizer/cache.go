package tokenizer

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

const (
	cacheSlots   = 1 << 16 // about 7 MB when full
	cacheWays    = 4       // slots of one word; a power of 2
	longestCache = 31      // in bytes; longer words are rare and not cached
	fewPieces    = 2       // most words have no more
)

// cache maps words to their pieces. It is bounded and lock-free. Each word has a few slots that it
// shares with other words. The first words stay, because common words come early; the others
// replace each other in the last slot.
type cache struct {
	seed  maphash.Seed
	slots []atomic.Pointer[entry]
}

// entry is a word with its pieces; it never changes once it is in a slot. Word and pieces are
// mostly in one block of memory, because memory access dominates a lookup.
type entry struct {
	size   uint8
	word   [longestCache]byte
	pieces []bpe.Piece // storage of few pieces
	few    [fewPieces]bpe.Piece
}

func newEntry(word string, pieces []bpe.Piece) *entry {
	e := &entry{size: uint8(len(word))}
	copy(e.word[:], word)
	e.pieces = append(e.few[:0], pieces...)
	return e
}

// is reports whether the entry belongs to the word.
func (e *entry) is(word string) bool { return string(e.word[:e.size]) == word }

// newCache returns a cache with the given number of slots, a power of 2 and at least cacheWays.
func newCache(slots int) *cache {
	return &cache{seed: maphash.MakeSeed(), slots: make([]atomic.Pointer[entry], slots)}
}

// get returns the pieces of the word, or nil. They must not be changed.
func (c *cache) get(word string) []bpe.Piece {
	if len(word) > longestCache {
		return nil
	}
	ways := c.ways(word)
	for i := range ways {
		e := ways[i].Load()
		if e == nil {
			break
		}
		if e.is(word) {
			return e.pieces
		}
	}
	return nil
}

// put stores a copy of the pieces of the word.
func (c *cache) put(word string, pieces []bpe.Piece) {
	if len(word) > longestCache {
		return
	}
	ways := c.ways(word)
	free := 0
	for free < cacheWays-1 && ways[free].Load() != nil {
		free++
	}
	ways[free].Store(newEntry(word, pieces))
}

// ways returns the word's slots, the empty ones last.
func (c *cache) ways(word string) []atomic.Pointer[entry] {
	first := maphash.String(c.seed, word) & uint64(len(c.slots)-cacheWays)
	return c.slots[first : first+cacheWays]
}
