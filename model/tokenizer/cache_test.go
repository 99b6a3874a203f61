package tokenizer

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

func TestCache(t *testing.T) {
	c := newCache(512)
	if c.get("mice") != nil {
		t.Error("an empty cache knows a word")
	}
	want := []bpe.Piece{{ID: 7, End: 4}}
	c.put("mice", want)
	if diff := cmp.Diff(want, c.get("mice")); diff != "" {
		t.Error(diff)
	}
	long := strings.Repeat("a", longestCache+1)
	c.put(long, want)
	if c.get(long) != nil {
		t.Error("a long word is kept")
	}
}

// A cache never answers with another word's pieces, however many share its slots, and keeps the
// latest.
func TestCacheCollisions(t *testing.T) {
	const slots, words = 256, 3 * 256
	c := newCache(slots)
	for i := range words {
		c.put(fmt.Sprint(i), []bpe.Piece{{ID: int32(i)}})
		if got := c.get(fmt.Sprint(i)); len(got) != 1 || got[0].ID != int32(i) {
			t.Fatalf("word %d: %v right after it was put", i, got)
		}
	}
	kept := 0
	for i := range words {
		if got := c.get(fmt.Sprint(i)); got != nil {
			kept++
			if got[0].ID != int32(i) {
				t.Fatalf("word %d: %v", i, got)
			}
		}
	}
	if kept < slots/2 || kept > slots {
		t.Errorf("%d words kept in %d slots", kept, slots)
	}
}

func TestCacheIsSharedSafely(t *testing.T) {
	c := newCache(512)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 5000 {
				word := fmt.Sprint(i % 700)
				if got := c.get(word); got != nil && got[0].End != len(word) {
					t.Errorf("%s: %v", word, got)
				}
				c.put(word, []bpe.Piece{{End: len(word)}})
			}
		})
	}
	group.Wait()
}
