package bpe_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

// cut returns the pieces of the word as text. Unknown ones are "?".
func cut(merges []bpe.Pair, vocab []string, word string) []string {
	ids := map[string]int32{}
	for id, piece := range vocab {
		ids[piece] = int32(id)
	}
	var texts []string
	for _, p := range bpe.New(ids, merges, -1).Append(nil, word) {
		if p.ID < 0 {
			texts = append(texts, "?")
			continue
		}
		texts = append(texts, vocab[p.ID])
	}
	return texts
}

func pairs(lines ...string) []bpe.Pair {
	var merges []bpe.Pair
	for _, line := range lines {
		left, right, _ := strings.Cut(line, " ")
		merges = append(merges, bpe.Pair{Left: left, Right: right})
	}
	return merges
}

func TestAppend(t *testing.T) {
	lower := pairs("l o", "lo w", "e r</w>") // Hugging Face's own example
	vocab := []string{"l", "o", "w", "e", "r", "w</w>", "r</w>", "lo", "low", "er</w>", "low</w>", "é</w>"}
	for _, c := range []struct {
		word string
		want []string
	}{
		{"lower", []string{"low", "er</w>"}},
		{"low", []string{"lo", "w</w>"}},
		{"lowlower", []string{"low", "low", "er</w>"}},
		{"l", []string{"?"}}, // "l</w>" is not in the vocabulary
		{"wé", []string{"w", "é</w>"}},
		{"xer", []string{"?", "er</w>"}},
		{"", nil},
	} {
		if diff := cmp.Diff(c.want, cut(lower, vocab, c.word)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.word, diff)
		}
	}
}

// All places of a pair are joined before a pair that arises from it, even one that was learned
// earlier.
func TestAppendJoinsInRounds(t *testing.T) {
	merges := pairs("abc a", "a b", "b c", "ab c", "a bc")
	vocab := []string{"a", "b", "c", "c</w>", "abc", "abca", "bc</w>", "x</w>", "bc", "ab"}
	if diff := cmp.Diff([]string{"abc", "abc", "x</w>"}, cut(merges, vocab, "abcabcx")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A pair that stands twice has its later rank, as in the reference.
func TestPairThatStandsTwice(t *testing.T) {
	vocab := []string{"a", "b", "ab", "c</w>", "bc</w>", "abc</w>"}
	if diff := cmp.Diff([]string{"a", "bc</w>"}, cut(pairs("a b", "b c</w>", "a b"), vocab, "abc")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEncoderIsShared(t *testing.T) {
	encoder := bpe.New(map[string]int32{"lo": 1, "w</w>": 2}, pairs("l o"), 0)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				if got := encoder.Append(nil, "lolow"); len(got) != 3 || got[1].ID != 1 {
					t.Errorf("pieces %v", got)
				}
			}
		})
	}
	group.Wait()
}

// plain is the algorithm as it is usually written down, quadratic and obvious.
func plain(merges []bpe.Pair, word string) []string {
	var row []string
	for _, r := range word {
		row = append(row, string(r))
	}
	row[len(row)-1] += bpe.EndOfWord
	for {
		best := -1
		for i := 1; i < len(row); i++ {
			for rank := len(merges) - 1; rank >= 0; rank-- {
				if merges[rank] == (bpe.Pair{Left: row[i-1], Right: row[i]}) {
					if best < 0 || rank < best {
						best = rank
					}
					break // a pair that stands twice has its later rank
				}
			}
		}
		if best < 0 {
			return row
		}
		var joined []string
		for i := 0; i < len(row); i++ {
			if i+1 < len(row) && row[i] == merges[best].Left && row[i+1] == merges[best].Right {
				joined = append(joined, row[i]+row[i+1])
				i++
				continue
			}
			joined = append(joined, row[i])
		}
		row = joined
	}
}

func TestAppendIsThePlainAlgorithm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symbols := []string{"a", "b", "é", "a</w>", "b</w>", "é</w>"}
		var merges []bpe.Pair
		for range rapid.IntRange(0, 12).Draw(t, "merges") {
			left := rapid.SampledFrom(symbols).
				Filter(func(s string) bool { return !strings.HasSuffix(s, bpe.EndOfWord) }).
				Draw(t, "left")
			right := rapid.SampledFrom(symbols).Draw(t, "right")
			merges = append(merges, bpe.Pair{Left: left, Right: right})
			symbols = append(symbols, left+right)
		}
		slices.Sort(symbols)
		symbols = slices.Compact(symbols)
		merges = rapid.Permutation(merges).Draw(t, "order")
		word := rapid.StringMatching(`[abé]{1,20}`).Draw(t, "word")
		if diff := cmp.Diff(plain(merges, word), cut(merges, symbols, word)); diff != "" {
			t.Fatalf("%q by %v (-want +got):\n%s", word, merges, diff)
		}
	})
}

func TestPiecesEndWhereTheyEnd(t *testing.T) {
	got := bpe.New(map[string]int32{"é": 1, "b</w>": 2, "éb</w>": 3}, pairs("é b</w>"), 0).
		Append([]bpe.Piece{{ID: 9, End: 9}}, "éxéb")
	if diff := cmp.Diff([]bpe.Piece{{9, 9}, {1, 2}, {0, 3}, {3, 6}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The time must not grow with the square of the length: that would be minutes here.
func TestLongWord(t *testing.T) {
	merges := pairs("a a", "aa aa", "aaaa aaaa", "b a", "a b")
	encoder := bpe.New(map[string]int32{"a": 1, "b": 2}, merges, 0)
	start := time.Now()
	for _, part := range []string{"a", "ab", "aab"} {
		word := strings.Repeat(part, (1<<16)/len(part))
		if got := encoder.Append(nil, word); got[len(got)-1].End != len(word) {
			t.Errorf("%q: the last piece ends at %d of %d", part, got[len(got)-1].End, len(word))
		}
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func TestLearn(t *testing.T) {
	counts := map[string]int{"low": 5, "lower": 2, "newest": 6, "widest": 3}
	want := pairs(
		"s t</w>", "e st</w>", "l o", "w est</w>", "n e", "ne west</w>", "lo w</w>", "w i", "wi d", "wid est</w>",
		"w e", "we r</w>", "lo wer</w>",
	)
	if diff := cmp.Diff(want, bpe.Learn(counts, 100)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:3], bpe.Learn(counts, 3)); diff != "" {
		t.Errorf("three merges (-want +got):\n%s", diff)
	}
	if got := bpe.Learn(map[string]int{"": 3, "a": 9, "bc": 1}, 5); len(got) != 0 {
		t.Errorf("nothing is worth joining, got %v", got)
	}
}

// The merges of subword-nmt's own test corpus.
func TestLearnGolden(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "biogpt", "tokenizer", "subword-nmt", "data")
	corpus, err := os.ReadFile(filepath.Join(dir, "corpus.en"))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	reference, err := os.ReadFile(filepath.Join(dir, "bpe.ref"))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for word := range strings.FieldsSeq(string(corpus)) {
		counts[word]++
	}
	want := pairs(strings.Split(strings.TrimSpace(string(reference)), "\n")[1:]...)
	if diff := cmp.Diff(want, bpe.Learn(counts, len(want))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// plainLearn counts all pairs anew for each merge.
func plainLearn(counts map[string]int, n int) []bpe.Pair {
	var merges []bpe.Pair
	for len(merges) < n {
		frequency := map[bpe.Pair]int{}
		for word, count := range counts {
			row := plain(merges, word)
			for i := 1; i < len(row); i++ {
				frequency[bpe.Pair{Left: row[i-1], Right: row[i]}] += count
			}
		}
		var best bpe.Pair
		for p, f := range frequency {
			if b := frequency[best]; f > b ||
				f == b && (p.Left > best.Left || p.Left == best.Left && p.Right > best.Right) {
				best = p
			}
		}
		if frequency[best] < 2 {
			break
		}
		merges = append(merges, best)
	}
	return merges
}

func TestLearnIsThePlainAlgorithm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.MapOfN(rapid.StringMatching(`[ab]{1,3}|[abé]{1,9}`), rapid.IntRange(1, 5), 1, 6).
			Draw(t, "counts")
		if diff := cmp.Diff(plainLearn(counts, 8), bpe.Learn(counts, 8)); diff != "" {
			t.Fatalf("%v (-want +got):\n%s", counts, diff)
		}
	})
}

// Words cut by what was learned from them become whole again when nothing is left to join.
func TestLearnedWordsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[abcé]{1,8}`), 1, 10, rapid.ID).Draw(t, "words")
		counts := map[string]int{}
		for _, w := range words {
			counts[w] = rapid.IntRange(2, 9).Draw(t, "count")
		}
		merges := bpe.Learn(counts, 1000)
		var vocab []string
		for _, w := range words {
			vocab = append(vocab, w+bpe.EndOfWord)
		}
		for _, w := range words {
			if diff := cmp.Diff([]string{w + bpe.EndOfWord}, cut(merges, vocab, w)); diff != "" {
				t.Fatalf("%q by %v (-want +got):\n%s", w, merges, diff)
			}
		}
	})
}

func FuzzAppend(f *testing.F) {
	f.Add("lower")
	f.Add("é\xff\x00")
	encoder := bpe.New(map[string]int32{"l": 1, "lo": 2, "r</w>": 3}, pairs("l o", "lo w", "e r</w>"), 0)
	f.Fuzz(func(t *testing.T, word string) {
		at := 0
		for _, p := range encoder.Append(nil, word) {
			if p.End <= at {
				t.Fatalf("%q: piece %+v after %d", word, p, at)
			}
			at = p.End
		}
		if at != len(word) {
			t.Fatalf("%q: the pieces end at %d", word, at)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	encoder := bpe.New(map[string]int32{}, pairs("l o", "lo w", "e r</w>", "i n", "in h", "a t"), 0)
	b.ReportAllocs()
	for b.Loop() {
		encoder.Append(nil, "immunohistochemically")
	}
}
