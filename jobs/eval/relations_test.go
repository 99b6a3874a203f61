package eval_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/pipeline"
)

// SAW and AXE share a sentence and are related; SAW and PEG share the abstract only. SAW occurs
// twice and is one entity. The second document has no gold relations.
const related = `{"id": "a", "title": "SAW and AXE", "abstract": "One SAW. A PEG.", "mentions": [[0,3,"Tool"],[8,` +
	`11,"Tool"],[16,19,"Tool"],[23,26,"Tool"]], "relations": [["Beside",0,1]]}
{"id": "b", "title": "ADZE and RASP", "abstract": "A CHISEL.", "mentions": [[0,4,"Tool"],[9,13,"Tool"],[16,22,"Tool"]]}
`

func TestCooccurrenceBaselines(t *testing.T) {
	m := eval.Model{Preparer: words{}, Tasks: []pipeline.Task{task{"ner", capitals}, task{"relations", neighbours}}}
	r, err := eval.Measure(t.Context(), m, data(t, "made", related))
	if err != nil {
		t.Fatal(err)
	}
	unrelated := func(n int) eval.Unrelated { return eval.Unrelated{Documents: 1, Relations: n, With: 1} }
	for _, c := range []struct {
		method    string
		found     eval.RelationScores
		concept   score.Count
		unrelated eval.Unrelated
	}{
		// The model relates neighbours: SAW-AXE, AXE-SAW, SAW-PEG; ADZE-RASP, RASP-CHISEL.
		{"model", r.Relations.RelationScores, score.Count{TP: 1, FP: 3}, unrelated(2)},
		// SAW-AXE, SAW-PEG, AXE-PEG; all three of b.
		{"abstract", r.Relations.AbstractPairs, score.Count{TP: 1, FP: 5}, unrelated(3)},
		// SAW-AXE; ADZE-RASP.
		{"sentence", r.Relations.SentencePairs, score.Count{TP: 1, FP: 1}, unrelated(1)},
	} {
		if diff := cmp.Diff(score.Table{"Beside": c.concept}, c.found.ByConcept); diff != "" {
			t.Errorf("%s: %s", c.method, diff)
		}
		if c.found.Unrelated != c.unrelated {
			t.Errorf("%s: %+v", c.method, c.found.Unrelated)
		}
	}
	sum := eval.Sum("all", []eval.Result{r, r})
	if got := sum.Relations.SentencePairs.ByConcept.Micro(); got != (score.Count{TP: 2, FP: 2}) ||
		sum.Relations.AbstractPairs.Unrelated.Relations != 6 {
		t.Errorf("twice: %+v", sum.Relations)
	}
}
