package eval

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/schemas"
)

// LinkingScores are counts of concepts: of the gold mentions, and of those that the model finds.
type LinkingScores struct {
	Gold, Found score.Linking
}

// linkable reports whether gold mentions have concepts of a vocabulary.
func linkable(examples []dataset.Example) bool {
	return slices.ContainsFunc(examples, func(e dataset.Example) bool {
		return slices.ContainsFunc(e.Gold.Mentions, func(m schemas.Mention) bool { return m.Concept != "" })
	})
}

// measureLinking links the gold mentions, beside the mentions of types that the data does not
// annotate, and scores what was found of the mentions that the model finds.
func (m *Model) measureLinking(
	ctx context.Context, examples []dataset.Example, found []schemas.Annotations,
) (*LinkingScores, error) {
	scores := &LinkingScores{Gold: score.Linking{}, Found: score.Linking{}}
	merged := make([]dataset.Example, len(examples))
	for i, e := range examples {
		scores.Found.AddDocument(&e, found[i].Mentions)
		e.Gold.Mentions = slices.Clone(e.Gold.Mentions)
		for k := range e.Gold.Mentions {
			e.Gold.Mentions[k].Concept = ""
		}
		for _, x := range found[i].Mentions {
			if !e.Annotates(x.Type) {
				x.Concept, x.ConceptName, x.ConceptScore = "", "", 0
				e.Gold.Mentions = append(e.Gold.Mentions, x)
			}
		}
		merged[i] = e
	}
	linked, err := annotate(ctx, m.pipeline(goldMentions(merged), m.task(schemas.TaskLinking)), documents(examples))
	if err != nil {
		return nil, err
	}
	for i := range examples {
		scores.Gold.AddDocument(&examples[i], linked[i].Mentions)
	}
	return scores, nil
}

func linkingGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Linking == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable(
				"data", "mentions", "type", "linked", "right", "right if answered", "P by document", "R by document",
				"F1 by document",
			)
		}
		for _, x := range []struct {
			name   string
			scores score.Linking
		}{{"gold", r.Linking.Gold}, {"predicted", r.Linking.Found}} {
			for _, typ := range slices.Sorted(maps.Keys(x.scores)) {
				c := x.scores[typ]
				grid.Row(
					r.Name, x.name, typ, strconv.Itoa(c.Mentions), percent(c.Accuracy()), percent(c.Precision()),
					percent(c.Documents.Precision()), percent(c.Documents.Recall()), percent(c.Documents.F1()),
				)
			}
		}
	}
	return "Concepts: of mentions, and as sets per document", grid
}

// linkJSON is the JSON form of a score.LinkCount.
type linkJSON struct {
	Mentions  int       `json:"mentions"`
	Accuracy  float64   `json:"accuracy"`
	Precision float64   `json:"precision_of_answered"`
	Documents countJSON `json:"documents"`
}

// MarshalJSON prints the counts and the measures.
func (x LinkingScores) MarshalJSON() ([]byte, error) {
	of := func(l score.Linking) map[string]linkJSON {
		out := map[string]linkJSON{}
		for typ, c := range l {
			out[typ] = linkJSON{c.Mentions, c.Accuracy(), c.Precision(), countOf(c.Documents)}
		}
		return out
	}
	return json.Marshal(
		map[string]map[string]linkJSON{"gold_mentions": of(x.Gold), "predicted_mentions": of(x.Found)},
	)
}

// withoutConcepts are mentions as their names alone tell them apart.
func withoutConcepts(a schemas.Annotations) schemas.Annotations {
	a.Mentions = slices.Clone(a.Mentions)
	for i := range a.Mentions {
		a.Mentions[i].Concept = ""
	}
	return a
}
