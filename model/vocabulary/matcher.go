package vocabulary

import (
	"math"
	"slices"

	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// Matcher finds the names of a vocabulary in texts. It is for one goroutine. A match consists of
// whole words.
type Matcher struct {
	v     *Vocabulary
	text  string
	words []word
	keys  []byte // of all words of the text, one after the other
	found []Match
}

type word struct {
	start, end int // in the text
	from, to   int // in keys; a separator before the word is not part of it
}

// Match is a sequence of words in a text that is a name.
type Match struct {
	Start, End int    // bytes of the text
	Words      int    // their number
	Types      uint64 // bit i is set if a concept of Types()[i] has the name
	from, to   int
}

// Matcher returns a Matcher.
func (v *Vocabulary) Matcher() *Matcher { return &Matcher{v: v} }

// All returns all matches in a text, by start and then by end. The slice is valid until the next
// call.
func (m *Matcher) All(text string) []Match {
	m.read(text)
	m.found = m.found[:0]
	for i := range m.words {
		m.matches(i, func(x Match) { m.found = append(m.found, x) })
	}
	return m.found
}

// Longest returns the longest matches of the types in a set of bits (see Match), from left to right
// and without overlap. The slice is valid until the next call.
func (m *Matcher) Longest(text string, types uint64) []Match {
	m.read(text)
	m.found = m.found[:0]
	for i := 0; i < len(m.words); {
		var best Match
		m.matches(i, func(x Match) {
			if x.Types&types != 0 {
				best = x
			}
		})
		if best.Words > 0 {
			m.found = append(m.found, best)
		}
		i += max(1, best.Words)
	}
	return m.found
}

// AnyType is the set of all types.
const AnyType = math.MaxUint64

// Entries calls do with each concept that has the name of a match of the last text.
func (m *Matcher) Entries(x Match, do func(c Concept, kind Kind)) {
	m.v.each(m.keys[x.from:x.to], func(at uint32) {
		kind, _, _ := m.v.nameAt(at)
		do(m.v.conceptAt(at), kind)
	})
}

// read computes the keys of the words of a text.
func (m *Matcher) read(text string) {
	m.text, m.words, m.keys = text, m.words[:0], m.keys[:0]
	for start, end := 0, 0; end < len(text); {
		from := len(m.keys)
		m.keys, start, end = normalize.Next(m.keys, text, end)
		if start == end {
			break
		}
		if from < len(m.keys) && m.keys[from] == normalize.Separator {
			from++
		}
		m.words = append(m.words, word{start, end, from, len(m.keys)})
	}
}

// matches calls do with the names that begin at a word, the shortest first.
func (m *Matcher) matches(first int, do func(Match)) {
	from, length := m.words[first].from, shortest
	if from == m.words[first].to {
		return
	}
	t := &m.v.table
	for i, w := range m.words[first:] {
		for ; length < w.to-from; length *= 2 {
			if !t.has(t.hash(m.keys[from : from+length])) {
				return
			}
		}
		if w.from == w.to {
			continue // a word without a key adds nothing to a name
		}
		key := m.keys[from:w.to]
		if h := t.hash(key); t.has(h) {
			if types := m.types(key, h); types != 0 {
				do(Match{m.words[first].start, w.end, 1 + i, types, from, w.to})
			}
		}
	}
}

// types returns the types of the names of a key with a hash.
func (m *Matcher) types(key []byte, h uint32) (types uint64) {
	var buf [128]byte
	end := m.v.first[len(m.v.numbers)] // of the names of types that may still be found
	for at := range m.v.table.named(h) {
		if at >= end {
			continue // spares a look at the name
		}
		if _, name, _ := m.v.nameAt(at); string(normalize.Key(buf[:], view(name))) == string(key) {
			i := m.v.typeAt(at)
			types |= 1 << i
			end = m.v.bounds[i]
		}
	}
	return types
}

// Exact returns the types, as in Match.Types, of the concepts that have the name of a match of the
// last text with the same spelling.
func (m *Matcher) Exact(x Match) (types uint64) {
	for at := range m.v.table.named(m.v.table.hash(m.keys[x.from:x.to])) {
		if _, name, _ := m.v.nameAt(at); string(name) == m.text[x.Start:x.End] {
			types |= 1 << m.v.typeAt(at)
		}
	}
	return types
}

// typeAt returns the index of the type of the name at an offset.
func (v *Vocabulary) typeAt(at uint32) int {
	i, _ := slices.BinarySearch(v.bounds, at+1)
	return i - 1
}
