// Package bpe cuts words into pieces by byte-pair encoding, and learns the merges.
//
// A word is the sequence of its characters, the last one marked with EndOfWord. The pair of
// neighbours that was learned first is joined wherever it occurs, from left to right; then the
// next; until no neighbours are a learned pair. A piece that is not in the vocabulary becomes the
// unknown piece (reference biogpt.md, "Tokenizer", item 3; Sennrich et al. 2016).
package bpe

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// EndOfWord marks the piece that ends a word.
const EndOfWord = "</w>"

// Pair is two pieces that are joined.
type Pair struct{ Left, Right string }

// Piece is a piece of a word: its id in the vocabulary, and its end in the word, in bytes. It
// begins at the end of the piece before.
type Piece struct {
	ID  int32
	End int
}

// Encoder cuts words into pieces. It is safe for concurrent use.
type Encoder struct {
	unk    int32
	ranks  map[[2]int32]int32 // pair of symbols to its index in merges
	joined []int32            // symbol that the pair of that index becomes
	ids    []int32            // ids of the symbols in the vocabulary
	chars  map[rune][2]int32  // symbols of a character within and at the end of a word
	words  sync.Pool          // of *word, for reuse
}

// none is no symbol or no rank.
const none = -1

// New returns the Encoder of a vocabulary and its merges, first learned first. If a pair occurs
// twice, the later place counts, as in the reference.
func New(vocab map[string]int32, merges []Pair, unk int32) *Encoder {
	e := &Encoder{
		unk: unk, ranks: make(map[[2]int32]int32, len(merges)), joined: make([]int32, 0, len(merges)),
		chars: map[rune][2]int32{},
	}
	symbols := make(map[string]int32, len(vocab)+len(merges))
	symbol := func(piece string) int32 {
		s, ok := symbols[piece]
		if !ok {
			s = int32(len(e.ids))
			symbols[piece] = s
			id, known := vocab[piece]
			if !known {
				id = unk
			}
			e.ids = append(e.ids, id)
			e.char(piece, s)
		}
		return s
	}
	for _, m := range merges {
		e.ranks[[2]int32{symbol(m.Left), symbol(m.Right)}] = int32(len(e.joined))
		e.joined = append(e.joined, symbol(m.Left+m.Right))
	}
	for piece := range vocab {
		if utf8.RuneCountInString(strings.TrimSuffix(piece, EndOfWord)) == 1 {
			symbol(piece)
		}
	}
	return e
}

// char registers a symbol of a single character.
func (e *Encoder) char(piece string, symbol int32) {
	text, final := strings.CutSuffix(piece, EndOfWord)
	r, width := utf8.DecodeRuneInString(text)
	if width == 0 || width != len(text) {
		return
	}
	both, ok := e.chars[r]
	if !ok {
		both = [2]int32{none, none}
	}
	if final {
		both[1] = symbol
	} else {
		both[0] = symbol
	}
	e.chars[r] = both
}

// Append appends the pieces of the word. The time is O(n log n) in the word's length.
func (e *Encoder) Append(dst []Piece, word string) []Piece {
	w := e.open(word)
	defer e.words.Put(w)
	for len(w.queue) > 0 {
		rank := w.queue[0].rank
		// All places of the pair are joined before any pair that results from it is considered.
		w.round = w.round[:0]
		for len(w.queue) > 0 && w.queue[0].rank == rank {
			w.round = append(w.round, w.queue.pop().at)
		}
		for _, at := range w.round {
			if w.nodes[at].rank == rank {
				w.join(at, e.joined[rank])
			}
		}
	}
	for i := 0; i != none && i < len(w.nodes); i = int(w.nodes[i].next) {
		id := e.unk
		if s := w.nodes[i].symbol; s != none {
			id = e.ids[s]
		}
		dst = append(dst, Piece{ID: id, End: int(w.nodes[i].end)})
	}
	return dst
}

// word is a word being joined: a list of nodes, and a queue of pairs.
type word struct {
	encoder *Encoder
	nodes   []node
	queue   queue
	round   []int32
}

// node is a symbol of the word.
type node struct {
	symbol         int32
	rank           int32 // of the pair with the next node, or none
	previous, next int32 // none at the ends
	end            int32 // in the word, in bytes
}

// open returns the word as single characters.
func (e *Encoder) open(text string) *word {
	n := utf8.RuneCountInString(text)
	w, reused := e.words.Get().(*word)
	if !reused {
		w = &word{encoder: e}
	}
	w.nodes, w.queue = slices.Grow(w.nodes[:0], n)[:n], w.queue[:0]
	i := int32(0)
	for at := 0; at < len(text); i++ {
		r, width := utf8.DecodeRuneInString(text[at:])
		at += width
		both, ok := e.chars[r]
		if !ok {
			both = [2]int32{none, none}
		}
		w.nodes[i] = node{symbol: both[0], rank: none, previous: i - 1, next: i + 1, end: int32(at)}
		if at == len(text) {
			w.nodes[i].symbol, w.nodes[i].next = both[1], none
		}
	}
	for i := range w.nodes {
		w.enqueue(int32(i))
	}
	return w
}

// enqueue finds the rank of the pair that begins at the node and queues it.
func (w *word) enqueue(at int32) {
	n := &w.nodes[at]
	n.rank = none
	if n.next == none {
		return
	}
	if rank, ok := w.encoder.ranks[[2]int32{n.symbol, w.nodes[n.next].symbol}]; ok {
		n.rank = rank
		w.queue.push(place{rank, at})
	}
}

// join joins the node with the next one.
func (w *word) join(at, symbol int32) {
	n := &w.nodes[at]
	gone := &w.nodes[n.next]
	n.symbol, n.end, n.next = symbol, gone.end, gone.next
	gone.rank = none
	if n.next != none {
		w.nodes[n.next].previous = at
	}
	w.enqueue(at)
	if n.previous != none {
		w.enqueue(n.previous)
	}
}

// place is the start of a pair of the given rank.
type place struct{ rank, at int32 }

// queue is a binary heap of places, lowest rank first, then leftmost.
type queue []place

func (q queue) less(i, j int) bool {
	return q[i].rank < q[j].rank || q[i].rank == q[j].rank && q[i].at < q[j].at
}

func (q *queue) push(p place) {
	h := append(*q, p)
	for i := len(h) - 1; i > 0 && h.less(i, (i-1)/2); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
	*q = h
}

func (q *queue) pop() place {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; 2*i+1 < last; {
		child := 2*i + 1
		if child+1 < last && h.less(child+1, child) {
			child++
		}
		if !h.less(child, i) {
			break
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
	*q = h
	return top
}
