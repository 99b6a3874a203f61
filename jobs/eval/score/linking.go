package score

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// Linking counts how well concepts were found, by type of entity.
type Linking map[string]LinkCount

// LinkCount counts the concepts of a type. A mention is right if it has exactly the concepts of the
// gold mention with its span and type; without gold concepts it is right to have none.
type LinkCount struct {
	Mentions  int   // gold mentions that were linked
	Right     int   // of Mentions
	Answered  int   // of Mentions: they have concepts
	Precise   int   // of Answered: they are right
	Documents Count // concepts of documents, as sets: the measure of BioCreative V and NCBI-disease
}

// Add returns the sum of both.
func (c LinkCount) Add(o LinkCount) LinkCount {
	return LinkCount{
		c.Mentions + o.Mentions, c.Right + o.Right, c.Answered + o.Answered, c.Precise + o.Precise,
		c.Documents.Add(o.Documents),
	}
}

// Accuracy is the share of the mentions that are right.
func (c LinkCount) Accuracy() float64 { return share(c.Right, c.Mentions) }

// Precision is the share of the mentions with concepts that are right.
func (c LinkCount) Precision() float64 { return share(c.Precise, c.Answered) }

// AddDocument adds the linked mentions of one document, gold or predicted. The concepts of the
// example are those of the linker's vocabulary (dataset.Example.WithIdentifiers).
func (l Linking) AddDocument(e *dataset.Example, linked []schemas.Mention) {
	type spot struct {
		schemas.Span
		typ string
	}
	at := map[spot]schemas.Mention{}
	found, gold := map[[2]string]bool{}, map[[2]string]bool{}
	for _, m := range linked {
		if !e.Annotates(m.Type) {
			continue
		}
		at[spot{m.Span, m.Type}] = m
		for _, id := range dataset.Concepts(m) {
			found[[2]string{m.Type, id}] = true
		}
	}
	for _, g := range e.Gold.Mentions {
		for _, id := range dataset.Concepts(g) {
			gold[[2]string{g.Type, id}] = true
		}
		m, ok := at[spot{g.Span, g.Type}]
		if !ok {
			continue
		}
		c := LinkCount{Mentions: 1}
		right := sorted(m.Concept) == sorted(g.Concept)
		if right {
			c.Right = 1
		}
		if m.Concept != "" {
			if c.Answered = 1; right {
				c.Precise = 1
			}
		}
		l[g.Type] = l[g.Type].Add(c)
	}
	documents := Table{}
	addSets(gold, found, func(k [2]string) string { return k[0] }, documents)
	for typ, c := range documents {
		l[typ] = l[typ].Add(LinkCount{Documents: c})
	}
}

// Documents returns the counts of the concepts of documents.
func (l Linking) Documents() Table {
	t := Table{}
	for typ, c := range l {
		t[typ] = c.Documents
	}
	return t
}

// Merge adds the counts of another Linking.
func (l Linking) Merge(o Linking) {
	for typ, c := range o {
		l[typ] = l[typ].Add(c)
	}
}

func sorted(concepts string) string {
	ids := strings.Split(concepts, "|")
	slices.Sort(ids)
	return strings.Join(ids, "|")
}

// RelationsByIdentifier is Relations where a predicted mention has the concepts that it was linked
// to and no others, as in BioCreative V: a relation of a mention without a concept does not count,
// and one of mentions with several counts once for each pair.
func (t Table) RelationsByIdentifier(
	e *dataset.Example, mentions []schemas.Mention, predicted []schemas.Relation, ordered bool,
) {
	gold, found := map[dataset.ConceptRelation]bool{}, map[dataset.ConceptRelation]bool{}
	for _, r := range e.ConceptRelations {
		gold[arrange(r, ordered)] = true
	}
	byID := map[int]schemas.Mention{}
	for _, m := range mentions {
		byID[m.ID] = m
	}
	for _, r := range predicted {
		for _, a := range dataset.Concepts(byID[r.Subject]) {
			for _, b := range dataset.Concepts(byID[r.Object]) {
				found[arrange(dataset.ConceptRelation{Type: r.Type, A: a, B: b}, ordered)] = true
			}
		}
	}
	addSets(gold, found, func(k dataset.ConceptRelation) string { return k.Type }, t)
}
