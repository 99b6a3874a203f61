package tokenizer

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

const (
	cacheSlots   = 1 << 16 // about 10 MB when full
	cacheWays    = 4       // slots of one word; a power of 2
	longestCache = 64      // longer words are rare and not worth keeping, in bytes
)

// cache remembers the pieces of words. Each word has a few slots that it shares with some others; the latest of them stay. It is
// bounded, and nobody ever waits.
type cache struct {
	seed  maphash.Seed
	slots []atomic.Pointer[entry]
}

// entry never changes once it is in a slot.
type entry struct {
	word   string
	pieces []bpe.Piece
}

// newCache returns a cache with so many slots, a multiple of cacheWays.
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
		if e.word == word {
			return e.pieces
		}
	}
	return nil
}

// put keeps the pieces of the word.
func (c *cache) put(word string, pieces []bpe.Piece) {
	if len(word) > longestCache {
		return
	}
	ways := c.ways(word)
	for i := len(ways) - 1; i > 0; i-- {
		ways[i].Store(ways[i-1].Load())
	}
	ways[0].Store(&entry{strings.Clone(word), pieces}) // a clone: a word must not keep its document alive
}

// ways returns the word's slots, the latest word first and the empty ones last.
func (c *cache) ways(word string) []atomic.Pointer[entry] {
	first := maphash.String(c.seed, word) % uint64(len(c.slots)) &^ (cacheWays - 1)
	return c.slots[first : first+cacheWays]
}
