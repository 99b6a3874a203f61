package bpe

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
)

// minFrequency is how often a pair must stand to be worth joining (subword-nmt's default).
const minFrequency = 2

// Learn returns up to n merges for words that occur as often as counted: again and again the most frequent pair of neighbours is joined.
// Of equally frequent pairs the one that is last in code-point order is taken, as subword-nmt does; the result depends on nothing but
// the arguments.
func Learn(counts map[string]int, n int) []Pair {
	l := learner{numbers: map[string]int32{}, frequency: map[[2]int32]int{}, in: map[[2]int32]map[int]struct{}{}}
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		if text != "" {
			l.add(text, counts[text])
		}
	}
	for pair := range l.frequency {
		l.candidates = append(l.candidates, l.candidate(pair))
	}
	heap.Init(&l.candidates)
	var merges []Pair
	for len(merges) < n {
		pair, ok := l.best()
		if !ok {
			break
		}
		merges = append(merges, Pair{l.pieces[pair[0]], l.pieces[pair[1]]})
		l.join(pair)
	}
	return merges
}

// learner holds the words as they are joined so far.
type learner struct {
	pieces     []string
	numbers    map[string]int32
	words      [][]int32
	counts     []int
	frequency  map[[2]int32]int
	in         map[[2]int32]map[int]struct{} // words that may hold the pair
	candidates candidates                    // may be out of date: see best
}

func (l *learner) add(text string, count int) {
	var row []int32
	for _, r := range text {
		row = append(row, l.number(string(r)))
	}
	row[len(row)-1] = l.number(l.pieces[row[len(row)-1]] + EndOfWord)
	l.words, l.counts = append(l.words, row), append(l.counts, count)
	l.count(len(l.words)-1, count, nil)
}

func (l *learner) number(piece string) int32 {
	n, ok := l.numbers[piece]
	if !ok {
		n = int32(len(l.pieces))
		l.numbers[piece], l.pieces = n, append(l.pieces, piece)
	}
	return n
}

// count adds the word's pairs, times by, to the frequencies, and notes them in changed.
func (l *learner) count(word, by int, changed map[[2]int32]struct{}) {
	row := l.words[word]
	for i := 1; i < len(row); i++ {
		pair := [2]int32{row[i-1], row[i]}
		l.frequency[pair] += by
		if changed != nil {
			changed[pair] = struct{}{}
		}
		if by > 0 {
			if l.in[pair] == nil {
				l.in[pair] = map[int]struct{}{}
			}
			l.in[pair][word] = struct{}{}
		}
	}
}

// best returns the next pair to join.
func (l *learner) best() ([2]int32, bool) {
	for len(l.candidates) > 0 {
		top := l.candidates[0]
		if now := l.frequency[top.pair]; now != top.frequency {
			heap.Pop(&l.candidates) // its present frequency, if any, has an entry of its own
			continue
		}
		return top.pair, top.frequency >= minFrequency
	}
	return [2]int32{}, false
}

// join joins the pair in every word.
func (l *learner) join(pair [2]int32) {
	joined := l.number(l.pieces[pair[0]] + l.pieces[pair[1]])
	changed := map[[2]int32]struct{}{}
	for word := range l.in[pair] {
		l.count(word, -l.counts[word], changed)
		row := l.words[word][:0]
		for i := 0; i < len(l.words[word]); i++ {
			if old := l.words[word]; i+1 < len(old) && old[i] == pair[0] && old[i+1] == pair[1] {
				row = append(row, joined)
				i++
				continue
			}
			row = append(row, l.words[word][i])
		}
		l.words[word] = row
		l.count(word, l.counts[word], changed)
	}
	delete(l.in, pair)
	for p := range changed {
		if l.frequency[p] == 0 {
			delete(l.frequency, p)
			delete(l.in, p)
			continue
		}
		heap.Push(&l.candidates, l.candidate(p))
	}
}

// candidate is a pair with the frequency it had when it was queued.
type candidate struct {
	pair        [2]int32
	left, right string
	frequency   int
}

func (l *learner) candidate(pair [2]int32) candidate {
	return candidate{pair, l.pieces[pair[0]], l.pieces[pair[1]], l.frequency[pair]}
}

// candidates is a heap.Interface: most frequent first, then last in code-point order.
type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(c[j].frequency, c[i].frequency), cmp.Compare(c[j].left, c[i].left), cmp.Compare(c[j].right, c[i].right)) < 0
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}
