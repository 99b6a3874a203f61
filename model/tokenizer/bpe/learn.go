package bpe

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
)

// minFrequency is the minimum frequency of a pair to be joined (subword-nmt's default).
const minFrequency = 2

// Learn returns up to n merges for words with the given counts, by repeatedly joining the most
// frequent pair of neighbours. Of equally frequent pairs the last in code-point order is joined, as
// in subword-nmt; the result depends on the arguments only.
func Learn(counts map[string]int, n int) []Pair {
	l := learner{numbers: map[string]int32{}, pairs: map[[2]int32]*pair{}}
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		if text != "" {
			l.add(text, counts[text])
		}
	}
	for key, p := range l.pairs {
		l.candidates = append(l.candidates, l.candidate(key, p.frequency))
	}
	heap.Init(&l.candidates)
	var merges []Pair
	for len(merges) < n {
		key, ok := l.best()
		if !ok {
			break
		}
		merges = append(merges, Pair{l.pieces[key[0]], l.pieces[key[1]]})
		l.join(key)
	}
	return merges
}

// learner holds the words in their current pieces, as numbers.
type learner struct {
	pieces     []string
	numbers    map[string]int32
	words      [][]int32
	counts     []int
	pairs      map[[2]int32]*pair
	candidates candidates // may be out of date: see best
	gone       []bool     // see joinRow
}

// pair has the statistics of two neighbours.
type pair struct {
	frequency int
	words     []int32 // words that contain it or once did
}

func (l *learner) add(text string, count int) {
	var row []int32
	for _, r := range text {
		row = append(row, l.number(string(r)))
	}
	last := &row[len(row)-1]
	*last = l.number(l.pieces[*last] + EndOfWord)
	word := int32(len(l.words))
	l.words, l.counts = append(l.words, row), append(l.counts, count)
	for i := 1; i < len(row); i++ {
		l.count(row[i-1], row[i], word, count)
	}
}

func (l *learner) number(piece string) int32 {
	n, ok := l.numbers[piece]
	if !ok {
		n = int32(len(l.pieces))
		l.numbers[piece], l.pieces = n, append(l.pieces, piece)
	}
	return n
}

// count adds to the frequency of a pair that is in the word, or was until now.
func (l *learner) count(left, right, word int32, by int) *pair {
	key := [2]int32{left, right}
	p := l.pairs[key]
	if p == nil {
		p = &pair{}
		l.pairs[key] = p
	}
	p.frequency += by
	if n := len(p.words); by > 0 && (n == 0 || p.words[n-1] != word) {
		p.words = append(p.words, word)
	}
	return p
}

// best returns the next pair to join.
func (l *learner) best() ([2]int32, bool) {
	for len(l.candidates) > 0 {
		top := l.candidates[0]
		if l.pairs[top.key].frequency != top.frequency {
			heap.Pop(&l.candidates) // its current frequency has another entry
			continue
		}
		return top.key, top.frequency >= minFrequency
	}
	return [2]int32{}, false
}

// join joins the pair in every word that contains it.
func (l *learner) join(key [2]int32) {
	joined := l.number(l.pieces[key[0]] + l.pieces[key[1]])
	changed := map[[2]int32]*pair{}
	for _, word := range l.pairs[key].words {
		old := l.words[word]
		row := l.joinRow(old, key, joined)
		if len(row) == len(old) {
			continue // it contained the pair before
		}
		l.words[word] = row
		for i := 1; i < len(old); i++ {
			if l.gone[i-1] || l.gone[i] {
				changed[[2]int32{old[i-1], old[i]}] = l.count(old[i-1], old[i], word, -l.counts[word])
			}
		}
		for i := 1; i < len(row); i++ {
			if row[i-1] == joined || row[i] == joined {
				changed[[2]int32{row[i-1], row[i]}] = l.count(row[i-1], row[i], word, l.counts[word])
			}
		}
	}
	for key, p := range changed {
		if p.frequency > 0 {
			heap.Push(&l.candidates, l.candidate(key, p.frequency))
		} else {
			p.words = nil
		}
	}
}

// joinRow returns the row with the pair joined, from left to right, and sets gone for each number
// of the old row that is in one.
func (l *learner) joinRow(old []int32, key [2]int32, joined int32) []int32 {
	row := make([]int32, 0, len(old))
	l.gone = l.gone[:0]
	for i := 0; i < len(old); i++ {
		if i+1 < len(old) && old[i] == key[0] && old[i+1] == key[1] {
			row, l.gone = append(row, joined), append(l.gone, true, true)
			i++
			continue
		}
		row, l.gone = append(row, old[i]), append(l.gone, false)
	}
	return row
}

// candidate is a pair with the frequency it had when it was queued.
type candidate struct {
	key         [2]int32
	left, right string
	frequency   int
}

func (l *learner) candidate(key [2]int32, frequency int) candidate {
	return candidate{key, l.pieces[key[0]], l.pieces[key[1]], frequency}
}

// candidates is a heap.Interface: most frequent first, then last in code-point order.
type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return cmp.Or(
		cmp.Compare(c[j].frequency, c[i].frequency), cmp.Compare(c[j].left, c[i].left),
		cmp.Compare(c[j].right, c[i].right),
	) < 0
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}
