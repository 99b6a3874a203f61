package eval

import (
	"cmp"
	"maps"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// goldPairs describes the gold relations of the data.
type goldPairs struct {
	relations map[string]bool // types of relations
	// types has the most common relation type for the types of two mentions, in alphabetical order.
	types map[[2]string]string
}

func goldPairsOf(examples []dataset.Example) goldPairs {
	p := goldPairs{map[string]bool{}, map[[2]string]string{}}
	counts := map[[2]string]map[string]int{}
	for _, e := range examples {
		for _, c := range e.ConceptRelations {
			p.relations[c.Type] = true
		}
		for _, r := range e.Gold.Relations {
			pair := inOrder(e.Gold.Mentions[r.Subject].Type, e.Gold.Mentions[r.Object].Type)
			if counts[pair] == nil {
				counts[pair] = map[string]int{}
			}
			counts[pair][r.Type]++
		}
	}
	for pair, n := range counts {
		p.types[pair] = slices.MaxFunc(
			slices.Sorted(maps.Keys(n)), func(a, b string) int { return cmp.Compare(n[a], n[b]) },
		)
	}
	return p
}

// choose sets the type and the score of a relation to those of the most likely of its types that
// the data has. It reports false if the data has none of them.
func (p goldPairs) choose(r *schemas.Relation) bool {
	if p.relations[r.Type] {
		return true
	}
	for _, a := range r.Alternatives {
		if p.relations[a.Type] {
			r.Type, r.Score = a.Type, a.Score
			return true
		}
	}
	return false
}

func inOrder(a, b string) [2]string { return [2]string{min(a, b), max(a, b)} }

// cooccurrences relates every two entities whose types the data relates: all that share the
// abstract, and those of them that share a sentence.
func (p goldPairs) cooccurrences(body string, mentions []schemas.Mention) (abstract, sentence []schemas.Relation) {
	names := names.GroupMentions(body, mentions)
	for i, a := range names {
		for _, b := range names[i+1:] {
			typ, ok := p.types[inOrder(a.Type, b.Type)]
			if !ok {
				continue
			}
			r := relation.Nearest(a, b)
			r.Type = typ
			if abstract = append(abstract, r); r.Sentence >= 0 {
				sentence = append(sentence, r)
			}
		}
	}
	return abstract, sentence
}
