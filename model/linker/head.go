package linker

import (
	"math"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// Head is the part of a linker that is learned.
type Head struct {
	Names   Names
	Rankers map[string]Ranker // by type

	priors  map[string]float32 // number of annotations, by concept
	species map[string]float32 // number of annotations of genes, by species
}

// Ranker estimates the probability that a candidate is right.
type Ranker struct {
	Trees *trees.Forest
	First *trees.Forest // of genes: scores all candidates before the species are known
	// Scale and Shift make the log-odds of the best candidate those of being right.
	Scale, Shift float32
	Threshold    float32 // minimum probability of a link
}

// NewHead returns a head with the names of a training set and without rankers: the names decide.
func NewHead(v *vocabulary.Vocabulary, names Names) *Head {
	h := &Head{
		Names:   names,
		Rankers: map[string]Ranker{},
		priors:  map[string]float32{},
		species: map[string]float32{},
	}
	for k, all := range names {
		for _, a := range all.concepts {
			for id := range strings.SplitSeq(a.id, "|") {
				h.priors[id] += a.count
				if k.typ != gene {
					continue
				}
				if c, ok := v.Lookup(id); ok {
					h.species[v.Species(c)] += a.count
				}
			}
		}
	}
	return h
}

func (h *Head) prior(id string) float32 { return h.priors[id] }

func (h *Head) speciesPrior(id string) float32 { return h.species[id] }

func (h *Head) threshold(typ string) float32 { return h.Rankers[typ].Threshold }

// firstRound scores the candidates of all genes, and sums up by species.
func (c *candidates) firstRound() {
	forest := c.linker.head.Rankers[gene].First
	if forest == nil {
		return
	}
	v := c.linker.vocabulary
	rows, first := make([][][]float32, len(c.entities)), make([][]float32, len(c.entities))
	belief, total := map[string]float32{}, float32(0)
	for i, e := range c.document.Entities {
		if e.Type != gene {
			continue
		}
		best := map[string]float32{}
		var ids []string // in the order of the candidates: sums depend on it
		for k := range c.entities[i] {
			x := c.firstFeatures(i, k)
			p := probability(forest.Score(x))
			rows[i], first[i] = append(rows[i], slices.Clip(x)), append(first[i], p)
			id := v.Species(c.entities[i][k].concepts[0])
			if _, ok := best[id]; !ok {
				ids = append(ids, id)
			}
			best[id] = max(best[id], p)
		}
		for _, id := range ids {
			belief[id] += best[id]
			total += best[id]
		}
	}
	for id := range belief {
		belief[id] /= total
	}
	c.rows, c.first, c.belief = rows, first, belief
}

// scores returns the probability of each candidate of an entity. They are computed once: species
// are ranked before the genes that depend on them.
func (c *candidates) scores(i int) []float32 {
	if c.scored[i] != nil {
		return c.scored[i]
	}
	ranker := c.linker.head.Rankers[c.document.Entities[i].Type]
	scores := make([]float32, len(c.entities[i]))
	for k := range scores {
		if ranker.Trees == nil {
			scores[k] = c.entities[i][k].plausible()
			continue
		}
		scores[k] = probability(ranker.Scale*ranker.Trees.Score(c.features(i, k)) + ranker.Shift)
	}
	c.scored[i] = scores
	return scores
}

// best returns the number of the most likely candidate of an entity, -1 if it has none.
func (c *candidates) best(i int) int {
	best := -1
	for k, s := range c.scores(i) {
		if best < 0 || s > c.scored[i][best] {
			best = k
		}
	}
	return best
}

func probability(score float32) float32 { return float32(1 / (1 + math.Exp(-float64(score)))) }

// plausible orders candidates by their names alone, from 0 to 1.
func (c *candidate) plausible() float32 {
	v := c.learned.share + c.meant.share
	for _, m := range []match{c.own, c.long} {
		if m.found {
			v += 1 - 0.2*float32(m.manner) + 0.1*float32(m.kind&vocabulary.Preferred)
		}
	}
	if c.long.found || c.meant.known {
		v++
	}
	if c.stripped || c.parts {
		v += 0.1
	}
	return min(1, (v+c.cosine/10)/6)
}
