package tokenizer

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

const (
	cacheSlots   = 1 << 16 // about 7 MB when full
	cacheWays    = 4       // slots of one word; a power of 2
	longestCache = 31      // longer words are rare and not worth keeping, in bytes
	fewPieces    = 2       // most words have no more
)

// cache remembers the pieces of words. Each word has a few slots that it shares with some others.
// The first come stay, for a common word comes early; the rest take turns in the last slot. The
// cache is bounded, and nobody ever waits.
type cache struct {
	seed  maphash.Seed
	slots []atomic.Pointer[entry]
}

// entry is a word with its pieces; it never changes once it is in a slot. Nearly all lie in one
// place of memory, which is what a lookup waits for.
type entry struct {
	size   uint8
	word   [longestCache]byte
	pieces []bpe.Piece // of few, where they fit
	few    [fewPieces]bpe.Piece
}

func newEntry(word string, pieces []bpe.Piece) *entry {
	e := &entry{size: uint8(len(word))}
	copy(e.word[:], word)
	e.pieces = append(e.few[:0], pieces...)
	return e
}

// is reports whether the entry is that of the word.
func (e *entry) is(word string) bool { return string(e.word[:e.size]) == word }

// newCache returns a cache with so many slots, a power of 2 and no fewer than cacheWays.
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

// put keeps a copy of the pieces of the word.
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
