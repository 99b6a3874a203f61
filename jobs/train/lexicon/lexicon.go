// Package lexicon provides features from controlled vocabularies, for the teacher that annotates
// silver documents.
//
// A name may have several categories, and a match is weak evidence: "impact" is the symbol of a
// gene. The teacher learns the weight of each category.
//
// Load reads one directory: MeSH (mesh/d2014.bin.gz, NLM's ASCII format, with the tree numbers of
// mesh/mesh2020.nodes), the Disease Ontology (disease/HumanDO.obo) and NCBI's human genes
// (gene/Homo_sapiens.gene_info.gz). The category of a name is the first three characters of its
// MeSH tree number ("D03"), "DO", or for genes "symbol", "synonym" or "gene". No part of a
// vocabulary becomes part of a model.
package lexicon

import (
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
)

// longest is the maximum number of words of a name.
const longest = 10

// Lexicon maps names to categories.
type Lexicon struct {
	names      map[features.Hash][]uint8 // hash of the words → categories
	categories []string
	index      map[string]uint8
}

// New returns an empty Lexicon.
func New() *Lexicon {
	return &Lexicon{names: map[features.Hash][]uint8{}, index: map[string]uint8{}}
}

// Add adds a name to a category. Case and characters other than letters and digits are ignored.
func (l *Lexicon) Add(name, category string) {
	c, ok := l.index[category]
	if !ok {
		if len(l.categories) == 256 {
			return
		}
		c = uint8(len(l.categories))
		l.index[category], l.categories = c, append(l.categories, category)
	}
	h, n := empty, 0
	for word := range runs(name) {
		h, n = h.Lower(word), n+1
	}
	if n == 0 || n > longest || len(name) < 2 || slices.Contains(l.names[h], c) {
		return
	}
	l.names[h] = append(l.names[h], c)
}

const empty features.Hash = 1

// Match is a name in a text: the words [Start, End), and its categories.
type Match struct {
	Start, End int
	Categories []uint8
}

// Matches returns the names in a text, in text order: the longest at each word.
func (l *Lexicon) Matches(t *model.Text) []Match {
	var found []Match
	for i, w := range t.Words {
		if !alphanumeric(t.Body[w.Start:w.End]) {
			continue
		}
		best := Match{Start: i}
		h, n := empty, 0
		for j := i; j < len(t.Words) && n < longest && t.Words[j].Sentence == w.Sentence; j++ {
			s := t.Body[t.Words[j].Start:t.Words[j].End]
			if !alphanumeric(s) {
				if s != "-" && s != "'" && s != "," && s != "/" && s != "(" && s != ")" && s != "." {
					break
				}
				continue
			}
			h, n = h.Lower(s), n+1
			if c := l.names[h]; c != nil {
				best.End, best.Categories = j+1, c
			}
		}
		if best.End > 0 {
			found = append(found, best)
		}
	}
	return found
}

// Features are the features of the words of a text.
type Features [][]uint32

// Templates, distinct from those of package features.
const (
	placed uint32 = 0x700 + iota
	placedShape
	nextTo
)

// Features looks up a text.
func (l *Lexicon) Features(t *model.Text) Features {
	f := make(Features, len(t.Words))
	end := make([]int, len(l.categories)) // end of the last match by category, to mark inner names
	for _, m := range l.Matches(t) {
		for _, c := range m.Categories {
			inner := m.End <= end[c]
			end[c] = max(end[c], m.End)
			l.place(f, t, m, c, inner)
		}
	}
	return f
}

func (l *Lexicon) place(f Features, t *model.Text, m Match, c uint8, inner bool) {
	size := min(m.End-m.Start, 4)
	for i := m.Start; i < m.End; i++ {
		at := 1 // inside
		switch i {
		case m.Start:
			at = 0
		case m.End - 1:
			at = 2
		}
		h := features.Template(placed).Uint(uint64(c)).Int(at).Bool(inner)
		f[i] = append(f[i], h.Sum(), h.Int(size).Sum(), h.Lower(t.Body[t.Words[i].Start:t.Words[i].End]).Sum())
		if s := t.Body[t.Words[i].Start:t.Words[i].End]; s[0] >= 'A' && s[0] <= 'Z' {
			f[i] = append(
				f[i], features.Template(placedShape).Uint(uint64(c)).Int(at).Int(size).Int(min(len(s), 6)).Sum(),
			)
		}
	}
	for d, i := range []int{m.Start - 1, m.End} {
		if i >= 0 && i < len(t.Words) && t.Words[i].Sentence == t.Words[m.Start].Sentence {
			f[i] = append(f[i], features.Template(nextTo).Uint(uint64(c)).Int(d).Sum())
		}
	}
}

// Append appends the features of word i; nil Features have none.
func (f Features) Append(dst []uint32, i int) []uint32 {
	if f == nil {
		return dst
	}
	return append(dst, f[i]...)
}
