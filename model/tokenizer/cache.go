package tokenizer

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

const (
	cacheSlots   = 1 << 16 // about 10 MB when full
	longestCache = 64      // longer words are rare and not worth keeping, in bytes
)

// cache remembers the pieces of words. Each word has two slots that it shares with some others; the latest two stay. It is
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

// newCache returns a cache with so many slots, an even number.
func newCache(slots int) *cache {
	return &cache{seed: maphash.MakeSeed(), slots: make([]atomic.Pointer[entry], slots)}
}

// get returns the pieces of the word, or nil. They must not be changed.
func (c *cache) get(word string) []bpe.Piece {
	if len(word) > longestCache {
		return nil
	}
	slot := c.slot(word)
	for _, i := range [2]uint64{slot, slot ^ 1} {
		if e := c.slots[i].Load(); e != nil && e.word == word {
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
	slot := c.slot(word)
	if e := c.slots[slot].Load(); e != nil {
		c.slots[slot^1].Store(e)
	}
	c.slots[slot].Store(&entry{strings.Clone(word), pieces}) // a clone: a word must not keep its document alive
}

// slot returns the word's first slot; the second is its neighbour.
func (c *cache) slot(word string) uint64 {
	return maphash.String(c.seed, word) % uint64(len(c.slots))
}
