package tokenizer

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

// rareCharacter is the minimum frequency of a character in a learned vocabulary; rarer ones are
// <unk>.
const rareCharacter = 10

// Learn returns a Tokenizer of at most size pieces for words (see Words) with the given counts: the
// special pieces, the characters that are not rare, most frequent first, and the pieces that
// byte-pair encoding joins.
func Learn(counts map[string]int, size int) (*Tokenizer, error) {
	pieces := append(specialPieces(), characters(counts)...)
	known := make(map[string]bool, size)
	for _, piece := range pieces {
		known[piece] = true
	}
	merges := bpe.Learn(counts, max(0, size-len(pieces)))
	for _, m := range merges {
		if piece := m.Left + m.Right; !known[piece] {
			known[piece] = true
			pieces = append(pieces, piece)
		}
	}
	return New(pieces, merges)
}

// characters returns the single-character pieces of the words.
func characters(counts map[string]int) []string {
	seen := map[string]int{}
	for word, n := range counts {
		for rest := word; rest != ""; {
			r, width := utf8.DecodeRuneInString(rest)
			rest = rest[width:]
			piece := string(r)
			if rest == "" {
				piece += bpe.EndOfWord
			}
			seen[piece] += n
		}
	}
	maps.DeleteFunc(seen, func(_ string, n int) bool { return n < rareCharacter })
	return slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a, b))
	})
}
