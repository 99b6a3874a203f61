package eval

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/schemas"
)

// Relations compares the relations of the model and of the baselines, which join the same mentions.
type Relations struct {
	GoldMentions   bool           // the gold mentions were joined
	RelationScores                // of the model
	AbstractPairs  RelationScores // of co-occurrence in the abstract
	SentencePairs  RelationScores // of co-occurrence in a sentence
	Calibration    score.Calibration
	ByIdentifier   score.Table // between the concepts that the mentions are linked to; nil if they are not
}

// RelationScores are counts of relations by type.
type RelationScores struct {
	ByConcept score.Table
	ByMention score.Table // empty if the data has no mentions
	Unrelated Unrelated
}

// Unrelated counts the relations found in documents without gold relations: all are false
// positives.
type Unrelated struct {
	Documents int `json:"documents"`
	Relations int `json:"relations"`
	With      int `json:"documents_with_relations"`
}

func newRelations(goldMentions bool) *Relations {
	empty := func() RelationScores { return RelationScores{ByConcept: score.Table{}, ByMention: score.Table{}} }
	return &Relations{
		GoldMentions: goldMentions, RelationScores: empty(), AbstractPairs: empty(), SentencePairs: empty(),
	}
}

func (x *Relations) add(e *dataset.Example, found schemas.Annotations, gold goldPairs) {
	var counted []schemas.Relation
	for _, r := range found.Relations {
		if !gold.choose(&r) {
			continue
		}
		counted = append(counted, r)
		one := score.Table{}
		one.Relations(e, found.Mentions, []schemas.Relation{r}, false)
		x.Calibration.Add(r.Score, one.Micro().TP > 0)
	}
	x.RelationScores.add(e, found.Mentions, counted)
	x.RelationScores.addRejects(e, found.Rejects)
	if len(gold.types) == 0 { // the data has names without offsets
		return
	}
	abstract, sentence := gold.cooccurrences(e.Doc.Text(), found.Mentions)
	x.AbstractPairs.add(e, found.Mentions, abstract)
	x.SentencePairs.add(e, found.Mentions, sentence)
}

// addIdentifiers adds the relations of one document by the concepts of their mentions.
func (x *Relations) addIdentifiers(e *dataset.Example, found schemas.Annotations, gold goldPairs) {
	if x.ByIdentifier == nil {
		x.ByIdentifier = score.Table{}
	}
	counted := slices.DeleteFunc(slices.Clone(found.Relations), func(r schemas.Relation) bool {
		return !gold.relations[r.Type]
	})
	x.ByIdentifier.RelationsByIdentifier(e, found.Mentions, counted, false)
}

func (x *RelationScores) add(e *dataset.Example, mentions []schemas.Mention, found []schemas.Relation) {
	x.ByConcept.Relations(e, mentions, found, false)
	if len(e.Gold.Mentions) > 0 {
		x.ByMention.RelationsByMention(e, mentions, found, false)
	}
	if len(e.ConceptRelations) > 0 {
		return
	}
	x.Unrelated.Documents++
	x.Unrelated.Relations += len(found)
	if len(found) > 0 {
		x.Unrelated.With++
	}
}

// addRejects counts generated relations that are not in the document's text: each is a false
// positive.
func (x *RelationScores) addRejects(e *dataset.Example, rejects []schemas.Reject) {
	tables := []score.Table{x.ByConcept}
	if len(e.Gold.Mentions) > 0 {
		tables = append(tables, x.ByMention)
	}
	for _, r := range rejects {
		if r.Stage != schemas.TaskRelations {
			continue
		}
		for _, table := range tables {
			table[score.NotInText] = table[score.NotInText].Add(score.Count{FP: 1})
		}
	}
}

func (x *Relations) merge(o *Relations) {
	x.RelationScores.merge(o.RelationScores)
	x.AbstractPairs.merge(o.AbstractPairs)
	x.SentencePairs.merge(o.SentencePairs)
	x.Calibration.Merge(o.Calibration)
	if o.ByIdentifier != nil {
		if x.ByIdentifier == nil {
			x.ByIdentifier = score.Table{}
		}
		merge(x.ByIdentifier, o.ByIdentifier)
	}
}

func (x *RelationScores) merge(o RelationScores) {
	merge(x.ByConcept, o.ByConcept)
	merge(x.ByMention, o.ByMention)
	x.Unrelated.Documents += o.Unrelated.Documents
	x.Unrelated.Relations += o.Unrelated.Relations
	x.Unrelated.With += o.Unrelated.With
}

// relationMethod is the model or a baseline.
type relationMethod struct {
	name string
	RelationScores
}

func (x *Relations) methods() []relationMethod {
	all := []relationMethod{
		{"model", x.RelationScores},
		{"co-occurrence in the abstract", x.AbstractPairs},
		{"co-occurrence in a sentence", x.SentencePairs},
	}
	return slices.DeleteFunc(all, func(m relationMethod) bool { return len(m.ByConcept) == 0 })
}

func relationGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	title := "Relations: concept pairs per document, between predicted mentions"
	for _, r := range results {
		if r.Relations == nil {
			continue
		}
		if r.Relations.GoldMentions {
			title = "Relations: concept pairs per document, between gold mentions"
		}
		if grid == nil {
			grid = markdown.NewTable(
				"data", "documents", "method", "type", "P", "R", "F1", "TP", "FP", "FN", "P by mention",
				"R by mention", "F1 by mention",
			)
		}
		row := func(method, typ string, c, m score.Count) {
			byMention := []string{"–", "–", "–"}
			if len(r.Relations.ByMention) > 0 {
				byMention = []string{percent(m.Precision()), percent(m.Recall()), percent(m.F1())}
			}
			cells := append([]string{r.Name, strconv.Itoa(r.Documents), method, typ}, cells(c)...)
			grid.Row(append(cells, byMention...)...)
		}
		for _, m := range r.Relations.methods() {
			row(m.name, "all", m.ByConcept.Micro(), m.ByMention.Micro())
		}
		for _, typ := range r.Relations.ByConcept.Types() {
			row("model", typ, r.Relations.ByConcept[typ], r.Relations.ByMention[typ])
		}
	}
	return title, grid
}

func identifierGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Relations == nil || r.Relations.ByIdentifier == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable("data", "documents", "type", "P", "R", "F1", "TP", "FP", "FN")
		}
		addTypes(grid, r.Name, r.Documents, r.Relations.ByIdentifier)
	}
	return "Relations: pairs of linked concepts per document, end to end", grid
}

func unrelatedGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Relations == nil || r.Relations.Unrelated.Documents == 0 {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable(
				"data", "documents", "method", "relations", "relations per document", "documents with relations",
			)
		}
		for _, m := range r.Relations.methods() {
			u := m.Unrelated
			grid.Row(
				r.Name, strconv.Itoa(u.Documents), m.name, strconv.Itoa(u.Relations),
				fmt.Sprintf("%.2f", float64(u.Relations)/float64(u.Documents)), strconv.Itoa(u.With),
			)
		}
	}
	return "Relations found in documents without gold relations", grid
}

// relationsJSON is the JSON form of RelationScores.
type relationsJSON struct {
	ByConcept tableJSON `json:"by_concept"`
	ByMention tableJSON `json:"by_mention"`
	Unrelated Unrelated `json:"unrelated"`
}

func relationsOf(x RelationScores) relationsJSON {
	return relationsJSON{tableOf(x.ByConcept), tableOf(x.ByMention), x.Unrelated}
}

// MarshalJSON prints the counts and the measures.
func (x Relations) MarshalJSON() ([]byte, error) {
	var byIdentifier *tableJSON
	if x.ByIdentifier != nil {
		table := tableOf(x.ByIdentifier)
		byIdentifier = &table
	}
	return json.Marshal(struct {
		GoldMentions bool `json:"gold_mentions"`
		relationsJSON
		AbstractPairs relationsJSON   `json:"abstract_cooccurrence"`
		SentencePairs relationsJSON   `json:"sentence_cooccurrence"`
		Calibration   calibrationJSON `json:"calibration"`
		ByIdentifier  *tableJSON      `json:"by_identifier,omitempty"`
	}{
		x.GoldMentions, relationsOf(x.RelationScores), relationsOf(x.AbstractPairs), relationsOf(x.SentencePairs),
		calibrationOf(x.Calibration), byIdentifier,
	})
}
