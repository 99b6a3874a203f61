package linker

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/variant"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// Link is the concept of an entity.
type Link struct {
	ID    string  // several, joined by "|", if the entity is composite; "" if none is likely enough
	Name  string  // the preferred names, likewise
	Score float32 // probability that the concepts are right
}

// Linker finds the concepts of entities. It does not change after it is made, and is safe for
// concurrent use.
type Linker struct {
	vocabulary *vocabulary.Vocabulary
	head       *Head
	diseases   *vocabulary.Similar
}

// New returns a linker with the concepts of a vocabulary.
func New(v *vocabulary.Vocabulary, h *Head) *Linker {
	return &Linker{
		vocabulary: v,
		head:       h,
		diseases:   vocabulary.NewSimilar(v, disease, h.Names.conceptNames(v, disease)...),
	}
}

// similar returns the search of similar names for a type, nil for types of which a similar name is
// another thing: substances and genes that differ in a letter are not the same.
func (l *Linker) similar(typ string) *vocabulary.Similar {
	if typ != disease {
		return nil
	}
	return l.diseases
}

// Link returns the link of each entity of a document.
func (l *Linker) Link(d *Document) []Link {
	links := make([]Link, len(d.Entities))
	c := l.candidates(d)
	for i := range d.Entities {
		if d.Entities[i].Type == sequenceVariant {
			if id := variant.Normalize(d.Entities[i].Names[0]); id != "" {
				links[i] = Link{ID: id, Name: d.Entities[i].Names[0], Score: 1}
			}
			continue
		}
		links[i] = c.link(i)
	}
	return links
}

// link returns the link of an entity: its likeliest candidate, and of a gene those of other species
// that are more likely right than wrong.
func (c *candidates) link(i int) Link {
	best, scores, typ := c.best(i), c.scores(i), c.document.Entities[i].Type
	if best < 0 || scores[best] < c.linker.head.threshold(typ) || typ == gene && c.species.foreign {
		return Link{}
	}
	chosen := candidate{concepts: slices.Clone(c.entities[i][best].concepts)}
	if typ == gene && len(chosen.concepts) == 1 {
		for k, s := range scores {
			if x := c.entities[i][k]; k != best && s > 0.5 && len(x.concepts) == 1 {
				chosen.concepts = append(chosen.concepts, x.concepts[0])
			}
		}
	}
	v := c.linker.vocabulary
	return Link{ID: chosen.id(v), Name: chosen.name(v), Score: scores[best]}
}

func (c *candidate) id(v *vocabulary.Vocabulary) string { return c.join(v.ConceptID) }

func (c *candidate) name(v *vocabulary.Vocabulary) string { return c.join(v.Name) }

func (c *candidate) join(text func(vocabulary.Concept) string) string {
	var all []string
	for _, x := range c.concepts {
		if s := text(x); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return strings.Join(all, "|")
}

// Rows calls do with the features of each candidate of each entity of a document, and the
// identifiers of its concepts, joined by "|".
func (l *Linker) Rows(d *Document, do func(entity int, id string, features []float32)) {
	c := l.candidates(d)
	for i := range c.entities {
		for k := range c.entities[i] {
			do(i, c.entities[i][k].id(l.vocabulary), c.features(i, k))
		}
	}
}
