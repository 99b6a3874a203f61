package linker

import (
	"math"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// missing is the value of a feature that does not apply.
var missing = float32(math.NaN())

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func orMissing(x float32, ok bool) float32 {
	if !ok {
		return missing
	}
	return x
}

// features returns the features of candidate k of entity i: of a gene in the second round those of
// the first, and what it tells.
func (c *candidates) features(i, k int) []float32 {
	if c.first != nil && c.first[i] != nil {
		return c.appendFirst(c.rows[i][k], i, k)
	}
	return c.firstFeatures(i, k)
}

// firstFeatures returns the features of candidate k of entity i without the first round of genes.
func (c *candidates) firstFeatures(i, k int) (x []float32) {
	e, all := &c.document.Entities[i], c.entities[i]
	m := &all[k]
	v := c.linker.vocabulary
	concept := m.concepts[0]
	x = appendMatch(x, &m.own, all, func(c *candidate) *match { return &c.own })
	x = appendMatch(x, &m.long, all, func(c *candidate) *match { return &c.long })
	x = append(
		x,
		orMissing(m.learned.share, slices.ContainsFunc(all, func(c candidate) bool { return c.learned.known })),
		orMissing(m.meant.share, slices.ContainsFunc(all, func(c candidate) bool { return c.meant.known })),
		float32(math.Log1p(float64(m.learned.count))),
		float32(math.Log1p(float64(m.meant.count))),
		m.cosine,
		float32(m.rank),
		m.cosine-bestCosine(all, k),
		truth(m.stripped),
		truth(m.parts),
		truth(m.ortholog),
		truth(m.beside),
		float32(m.above),
		float32(len(m.concepts)),
		float32(math.Log1p(float64(c.linker.head.prior(v.ConceptID(concept))))),
	)
	best, covered, covers := c.similarity(e, concept)
	x = append(x, best, covered, covers)
	x = append(x, namespace(v.ConceptID(concept)), depth(v.Trees(concept)), branch(v.Trees(concept)))
	same, above, below := c.relatives(i, concept)
	x = append(x, same, above, below)
	name := e.Names[0]
	x = append(x,
		float32(strings.Count(name, " ")), float32(len(name)), truth(name == strings.ToUpper(name)),
		float32(min(len(e.Mentions), 5)), float32(min(len(e.Long), 1)), float32(len(all)),
	)
	if e.Type == gene {
		x = c.species.append(x, e, m, v)
		x = append(x, float32(math.Log1p(float64(c.linker.head.speciesPrior(v.Species(concept))))))
	}
	return x
}

// appendMatch appends the features of a match, among those of all candidates.
func appendMatch(x []float32, m *match, all []candidate, of func(*candidate) *match) []float32 {
	rivals := 0
	for i := range all {
		if o := of(&all[i]); o != m && o.found && (!m.found || o.manner <= m.manner) {
			rivals++
		}
	}
	if !m.found {
		return append(x, missing, missing, missing, float32(rivals))
	}
	return append(
		x, float32(m.manner), truth(m.kind&vocabulary.Preferred != 0), truth(m.kind&vocabulary.Symbol != 0),
		float32(rivals),
	)
}

// bestCosine is the largest cosine of the other candidates.
func bestCosine(all []candidate, except int) float32 {
	best := float32(0)
	for i := range all {
		if i != except {
			best = max(best, all[i].cosine)
		}
	}
	return best
}

// similarity compares the words of an entity's names with those of a concept: the largest share of
// common words, the share of the entity's words that the concept has in any name, and the largest
// share of the words of one of its names that the entity has.
func (c *candidates) similarity(e *Entity, concept vocabulary.Concept) (best, covered, covers float32) {
	for _, name := range slices.Concat(e.Names[:1], e.Long[:min(1, len(e.Long))]) {
		own := wordsOf(name)
		var anywhere uint64
		for other := range c.linker.vocabulary.Names(concept) {
			theirs := wordsOf(other)
			common := 0
			for i, w := range own {
				if slices.Contains(theirs, w) {
					common++
					anywhere |= 1 << min(i, 63)
				}
			}
			best = max(best, float32(common)/float32(max(1, len(own)+len(theirs)-common)))
			covers = max(covers, float32(common)/float32(max(1, len(theirs))))
		}
		n := 0
		for i := range own {
			if anywhere&(1<<min(i, 63)) != 0 {
				n++
			}
		}
		covered = max(covered, float32(n)/float32(max(1, len(own))))
	}
	return best, covered, covers
}

func wordsOf(name string) (words []string) {
	for at := 0; ; {
		key, _, end := normalize.Next(nil, name, at)
		if len(key) == 0 {
			return words
		}
		if w := string(key); !slices.Contains(words, w) {
			words = append(words, w)
		}
		at = end
	}
}

// namespace is the source of an identifier: sources that annotators prefer come first.
func namespace(id string) float32 {
	switch {
	case strings.HasPrefix(id, "MESH:D"):
		return 0
	case strings.HasPrefix(id, "MESH:"):
		return 1
	case strings.HasPrefix(id, "OMIM:"):
		return 2
	}
	return 3
}

// depth is the least number of levels of tree numbers.
func depth(trees []string) float32 {
	least := missing
	for _, t := range trees {
		if n := float32(strings.Count(t, ".")); least != least || n < least {
			least = n
		}
	}
	return least
}

// branch is the branch of MeSH of the first tree number, such as C23, as a number.
func branch(trees []string) float32 {
	if len(trees) == 0 || len(trees[0]) < 3 {
		return missing
	}
	t := trees[0]
	return float32(int(t[0]-'A')*100 + int(t[1]-'0')*10 + int(t[2]-'0'))
}

// relatives counts the other entities that surely are of a concept, of one below and of one above.
func (c *candidates) relatives(i int, concept vocabulary.Concept) (same, above, below float32) {
	v := c.linker.vocabulary
	for k, other := range c.sure {
		switch {
		case c.sureOf[k] == i:
		case other == concept:
			same++
		case v.Is(other, concept):
			above++
		case v.Is(concept, other):
			below++
		}
	}
	return same, above, below
}

// appendFirst appends what the first round of scores tells: how likely the candidate and the best
// other one are, and how much of the document's genes is of its species.
func (c *candidates) appendFirst(x []float32, i, k int) []float32 {
	v := c.linker.vocabulary
	id := v.Species(c.entities[i][k].concepts[0])
	rival, mostly, sameSpecies := float32(0), float32(0), float32(0)
	for j := range c.entities[i] {
		if j != k {
			rival = max(rival, c.first[i][j])
			if v.Species(c.entities[i][j].concepts[0]) == id {
				sameSpecies = max(sameSpecies, c.first[i][j])
			}
		}
	}
	for _, share := range c.belief {
		mostly = max(mostly, share)
	}
	return append(x, c.first[i][k], rival, sameSpecies, c.belief[id], mostly, c.belief[id]-mostly)
}

// columns returns the number of features of the candidates of a type.
func columns(typ string, second bool) int {
	n := baseFeatures
	if typ == gene {
		n += speciesFeatures
	}
	if second {
		n += firstFeatures
	}
	return n
}

// The numbers of features: of every candidate, of genes, and of the second round.
const (
	baseFeatures    = 37
	speciesFeatures = 14
	firstFeatures   = 6
)
