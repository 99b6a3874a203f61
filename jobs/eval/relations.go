package eval

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// Relations are the model's relations and, between the same mentions, those to beat.
type Relations struct {
	GoldMentions bool   // joined the annotators' mentions
	Joined              // by the model
	Abstract     Joined // every two names of types that the data relates, by the commonest relation of these types
	Sentence     Joined // only those that share a sentence
	Calibration  score.Calibration
}

// Joined are counts of relations by type.
type Joined struct {
	ByConcept score.Table
	ByMention score.Table // empty where the data has no mentions
	Unrelated Unrelated
}

// Unrelated counts what is found in abstracts in which the annotators state no relation: all of it
// is wrong.
type Unrelated struct {
	Abstracts int `json:"abstracts"`
	Found     int `json:"found"`
	With      int `json:"abstracts_with_any"`
}

func newRelations(goldMentions bool) *Relations {
	joined := func() Joined { return Joined{ByConcept: score.Table{}, ByMention: score.Table{}} }
	return &Relations{GoldMentions: goldMentions, Joined: joined(), Abstract: joined(), Sentence: joined()}
}

// joins is what the data relates.
type joins struct {
	stated map[string]bool      // types of relations
	types  map[[2]string]string // types of two mentions, in order → the commonest type of a relation between them
}

func joinsOf(examples []dataset.Example) joins {
	j := joins{map[string]bool{}, map[[2]string]string{}}
	counts := map[[2]string]map[string]int{}
	for _, e := range examples {
		for _, c := range e.ConceptRelations {
			j.stated[c.Type] = true
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
		j.types[pair] = slices.MaxFunc(
			slices.Sorted(maps.Keys(n)), func(a, b string) int { return cmp.Compare(n[a], n[b]) },
		)
	}
	return j
}

func inOrder(a, b string) [2]string { return [2]string{min(a, b), max(a, b)} }

// pairs relates every two names of types that the data relates.
func (j joins) pairs(body string, mentions []schemas.Mention) (all, together []schemas.Relation) {
	names := relation.Names(body, mentions)
	for i, a := range names {
		for _, b := range names[i+1:] {
			typ, ok := j.types[inOrder(a.Type, b.Type)]
			if !ok {
				continue
			}
			r := relation.Nearest(a, b)
			r.Type = typ
			if all = append(all, r); r.Sentence >= 0 {
				together = append(together, r)
			}
		}
	}
	return all, together
}

func (x *Relations) add(e *dataset.Example, found schemas.Annotations, j joins) {
	var counted []schemas.Relation
	for _, r := range found.Relations {
		if !j.stated[r.Type] {
			continue
		}
		counted = append(counted, r)
		one := score.Table{}
		one.Relations(e, found.Mentions, []schemas.Relation{r}, false)
		x.Calibration.Add(r.Score, one.Micro().TP > 0)
	}
	x.Joined.add(e, found.Mentions, counted)
	x.Joined.unfounded(e, found.Rejects)
	if len(j.types) == 0 { // the data gives names without places
		return
	}
	all, together := j.pairs(e.Doc.Text(), found.Mentions)
	x.Abstract.add(e, found.Mentions, all)
	x.Sentence.add(e, found.Mentions, together)
}

func (x *Joined) add(e *dataset.Example, mentions []schemas.Mention, found []schemas.Relation) {
	x.ByConcept.Relations(e, mentions, found, false)
	if len(e.Gold.Mentions) > 0 {
		x.ByMention.RelationsByMention(e, mentions, found, false)
	}
	if len(e.ConceptRelations) > 0 {
		return
	}
	x.Unrelated.Abstracts++
	x.Unrelated.Found += len(found)
	if len(found) > 0 {
		x.Unrelated.With++
	}
}

// unfounded counts sentences that the model wrote and the document does not bear out: each is a
// wrong relation.
func (x *Joined) unfounded(e *dataset.Example, rejects []schemas.Reject) {
	tables := []score.Table{x.ByConcept}
	if len(e.Gold.Mentions) > 0 {
		tables = append(tables, x.ByMention)
	}
	for _, r := range rejects {
		if r.Stage != schemas.TaskRelations {
			continue
		}
		for _, table := range tables {
			table[score.Unfounded] = table[score.Unfounded].Add(score.Count{FP: 1})
		}
	}
}

func (x *Relations) merge(o *Relations) {
	x.Joined.merge(o.Joined)
	x.Abstract.merge(o.Abstract)
	x.Sentence.merge(o.Sentence)
	x.Calibration.Merge(o.Calibration)
}

func (x *Joined) merge(o Joined) {
	merge(x.ByConcept, o.ByConcept)
	merge(x.ByMention, o.ByMention)
	x.Unrelated.Abstracts += o.Unrelated.Abstracts
	x.Unrelated.Found += o.Unrelated.Found
	x.Unrelated.With += o.Unrelated.With
}

// finder is one that found relations.
type finder struct {
	name string
	Joined
}

func (x *Relations) finders() []finder {
	all := []finder{
		{"the model", x.Joined},
		{"every pair of an abstract", x.Abstract},
		{"every pair of a sentence", x.Sentence},
	}
	return slices.DeleteFunc(all, func(f finder) bool { return len(f.ByConcept) == 0 })
}

func relationGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	title := "Relations: pairs of concepts of a document, between the mentions that the model found"
	for _, r := range results {
		if r.Relations == nil {
			continue
		}
		if r.Relations.GoldMentions {
			title = "Relations: pairs of concepts of a document, between the annotators' mentions"
		}
		if grid == nil {
			grid = markdown.NewTable(
				"data", "documents", "found by", "type", "P", "R", "F1", "right", "wrong", "missed", "P by mention",
				"R by mention", "F1 by mention",
			)
		}
		row := func(by, typ string, c, m score.Count) {
			byMention := []string{"–", "–", "–"}
			if len(r.Relations.ByMention) > 0 {
				byMention = []string{percent(m.Precision()), percent(m.Recall()), percent(m.F1())}
			}
			cells := append([]string{r.Name, strconv.Itoa(r.Documents), by, typ}, cells(c)...)
			grid.Row(append(cells, byMention...)...)
		}
		for _, f := range r.Relations.finders() {
			row(f.name, "all", f.ByConcept.Micro(), f.ByMention.Micro())
		}
		for _, typ := range r.Relations.ByConcept.Types() {
			row("the model", typ, r.Relations.ByConcept[typ], r.Relations.ByMention[typ])
		}
	}
	return title, grid
}

func unrelatedGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Relations == nil || r.Relations.Unrelated.Abstracts == 0 {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable("data", "abstracts", "found by", "relations", "an abstract", "abstracts with any")
		}
		for _, f := range r.Relations.finders() {
			u := f.Unrelated
			grid.Row(
				r.Name, strconv.Itoa(u.Abstracts), f.name, strconv.Itoa(u.Found),
				fmt.Sprintf("%.2f", float64(u.Found)/float64(u.Abstracts)), strconv.Itoa(u.With),
			)
		}
	}
	return "Relations found in abstracts in which the annotators state none", grid
}

// joined is a Joined as it is printed in JSON.
type joined struct {
	ByConcept table     `json:"by_concept"`
	ByMention table     `json:"by_mention"`
	Unrelated Unrelated `json:"unrelated"`
}

func joinedOf(x Joined) joined {
	return joined{tableOf(x.ByConcept), tableOf(x.ByMention), x.Unrelated}
}

// MarshalJSON prints the counts with the measures made of them.
func (x Relations) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		GoldMentions bool `json:"gold_mentions"`
		joined
		Abstract    joined      `json:"every_pair_of_an_abstract"`
		Sentence    joined      `json:"every_pair_of_a_sentence"`
		Calibration calibration `json:"calibration"`
	}{x.GoldMentions, joinedOf(x.Joined), joinedOf(x.Abstract), joinedOf(x.Sentence), calibrationOf(x.Calibration)})
}
