package linker

import (
	"math"
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
	first, belief, total := make([][]float32, len(c.entities)), map[string]float32{}, float32(0)
	for i, e := range c.document.Entities {
		if e.Type != gene {
			continue
		}
		best := map[string]float32{}
		var ids []string // in the order of the candidates: sums depend on it
		for k := range c.entities[i] {
			p := probability(forest.Score(c.features(nil, i, k)))
			first[i] = append(first[i], p)
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
	c.first, c.belief = first, belief
}

// scores returns the probability of each candidate of an entity.
func (c *candidates) scores(i int) []float32 {
	ranker := c.linker.head.Rankers[c.document.Entities[i].Type]
	var x, scores []float32
	for k := range c.entities[i] {
		if ranker.Trees == nil {
			scores = append(scores, c.entities[i][k].plausible())
			continue
		}
		x = c.features(x[:0], i, k)
		scores = append(scores, probability(ranker.Scale*ranker.Trees.Score(x)+ranker.Shift))
	}
	return scores
}

// best returns the most likely candidate of an entity, nil if it has none, and its probability.
func (c *candidates) best(i int) (*candidate, float32) {
	var best *candidate
	var score float32
	for k, s := range c.scores(i) {
		if best == nil || s > score {
			best, score = &c.entities[i][k], s
		}
	}
	return best, score
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
