package linker

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
)

// speciesContext is what a document tells of the species that its genes are of.
type speciesContext struct {
	places  []speciesPlace // mentions of species, in text order
	counts  map[string]int // number of mentions, by identifier
	ranks   map[string]int // position by number of mentions, from 0
	genes   map[string]int // number of gene entities with a candidate of the species
	total   int            // number of gene entities with a candidate
	inTitle map[string]bool
	// foreign means that species are mentioned, and that no gene of the document can be of one.
	foreign bool
}

// speciesPlace is a mention of a species.
type speciesPlace struct {
	id                   string
	start, end, sentence int
}

func newSpeciesContext(c *candidates) speciesContext {
	s := speciesContext{
		counts:  map[string]int{},
		ranks:   map[string]int{},
		genes:   map[string]int{},
		inTitle: map[string]bool{},
	}
	v := c.linker.vocabulary
	title := 0
	if sections := c.document.Text.Sections; len(sections) > 0 && sections[0].Kind == schemas.KindTitle {
		title = len(sections[0].Text)
	}
	for i, e := range c.document.Entities {
		switch e.Type {
		case species:
			best := c.best(i)
			if best < 0 {
				continue
			}
			id := v.ConceptID(c.entities[i][best].concepts[0])
			for _, m := range e.Mentions {
				s.places = append(s.places, speciesPlace{id, m.Start, m.End, m.Sentence})
				s.counts[id]++
				if m.Start < title {
					s.inTitle[id] = true
				}
			}
		case gene:
			seen := map[string]bool{}
			for _, x := range c.entities[i] {
				if id := v.Species(x.concepts[0]); x.named() && !seen[id] {
					seen[id] = true
					s.genes[id]++
				}
			}
			if len(seen) > 0 {
				s.total++
			}
		}
	}
	s.foreign = len(s.places) > 0 && !s.hasGene(c)
	slices.SortFunc(s.places, func(a, b speciesPlace) int { return cmp.Compare(a.start, b.start) })
	var ids []string
	for id := range s.counts {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.counts[b], s.counts[a]), strings.Compare(a, b))
	})
	for i, id := range ids {
		s.ranks[id] = i
	}
	return s
}

// hasGene reports whether a gene of the document can be of a species that is mentioned, by itself
// or by its genus or a wider group.
func (s *speciesContext) hasGene(c *candidates) bool {
	v, seen := c.linker.vocabulary, map[string]bool{}
	for i, e := range c.document.Entities {
		for k := range c.entities[i] {
			id := v.Species(c.entities[i][k].concepts[0])
			if e.Type != gene || seen[id] {
				continue
			}
			seen[id] = true
			own, known := v.Lookup(id)
			for mentioned := range s.counts {
				if group, ok := v.Lookup(mentioned); mentioned == id || known && ok && v.Is(own, group) {
					return true
				}
			}
		}
	}
	return false
}

// named reports whether the entity has a name of the concept.
func (c *candidate) named() bool {
	return c.own.found || c.long.found || c.learned.known || c.meant.known
}

// Organisms whose genes are most of the literature's.
const (
	human = "NCBITaxon:9606"
	mouse = "NCBITaxon:10090"
	rat   = "NCBITaxon:10116"
)

// caseOf is the pattern of upper and lower case of a symbol.
func caseOf(name string) float32 {
	upper, lower := 0, 0
	for _, r := range name {
		switch {
		case 'A' <= r && r <= 'Z':
			upper++
		case 'a' <= r && r <= 'z':
			lower++
		}
	}
	switch {
	case lower == 0:
		return 0 // BRCA1
	case upper == 0:
		return 1 // wingless
	case upper == 1 && 'A' <= name[0] && name[0] <= 'Z':
		return 2 // Brca1
	}
	return 3 // hTERT
}

// append appends the features of a gene of a species.
func (s *speciesContext) append(x []float32, e *Entity, c *candidate, v *vocabulary.Vocabulary) []float32 {
	id := v.Species(c.concepts[0])
	rank, ok := s.ranks[id]
	share := float32(0)
	if ok {
		share = float32(s.counts[id]) / float32(len(s.places))
	}
	near, before, sentence := s.near(e, id)
	kind := float32(3)
	switch id {
	case human:
		kind = 0
	case mouse:
		kind = 1
	case rat:
		kind = 2
	}
	within := float32(0)
	for _, name := range e.Names {
		lower := strings.ToLower(name)
		for i, words := range [...][]string{{"human"}, {"mouse", "murine"}, {"rat "}} {
			for _, w := range words {
				if strings.HasPrefix(lower, w) {
					within = float32(i + 1)
				}
			}
		}
		if len(name) > 2 && 'A' <= name[1] && name[1] <= 'Z' {
			if i := strings.IndexByte("hmr", name[0]); i >= 0 {
				within = float32(i + 4)
			}
		}
	}
	return append(x,
		orMissing(float32(rank), ok), share, near, before, sentence, kind, caseOf(e.Names[0]), within,
		float32(len(s.counts)), truth(s.inTitle[id]), float32(len(s.inTitle)),
		float32(s.genes[id])/float32(max(1, s.total)), float32(s.total),
	)
}

// near returns the logarithm of the distance in bytes from the nearest mention of a species to a
// mention of an entity, whether it is the nearest before one, and the share of mentions with it in
// the sentence.
func (s *speciesContext) near(e *Entity, id string) (distance, before, sentence float32) {
	least := math.MaxInt
	var precedes, together int
	for _, m := range e.Mentions {
		var last string
		var same bool
		for _, p := range s.places {
			if p.end <= m.Start+1 {
				last = p.id
			}
			if p.id != id {
				continue
			}
			least = min(least, max(p.start-m.End, m.Start-p.end, 0))
			same = same || p.sentence == m.Sentence
		}
		if last == id && last != "" {
			precedes++
		}
		if same {
			together++
		}
	}
	n := float32(len(e.Mentions))
	if least == math.MaxInt {
		return missing, 0, 0
	}
	return float32(math.Log1p(float64(least))), float32(precedes) / n, float32(together) / n
}
