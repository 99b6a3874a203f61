package evaluate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/evaluate"
	"github.com/pubmine/pubmine/model/train/score"
	"github.com/pubmine/pubmine/pipeline"
)

// Of SAW and AXE, in one sentence, and of SAW and PEG, in two, the first pair is related; SAW occurs twice, and is one name. What stands
// beside what in the second document is related nowhere.
const related = `{"id": "a", "title": "SAW and AXE", "abstract": "One SAW. A PEG.", "mentions": [[0,3,"Tool"],[8,11,"Tool"],[16,19,"Tool"],[23,26,"Tool"]], "relations": [["Beside",0,1]]}
{"id": "b", "title": "ADZE and RASP", "abstract": "A CHISEL.", "mentions": [[0,4,"Tool"],[9,13,"Tool"],[16,22,"Tool"]]}
`

func TestCooccurring(t *testing.T) {
	m := evaluate.Model{Preparer: words{}, Tasks: []pipeline.Task{task{"ner", capitals}, task{"relations", neighbours}}}
	r, err := evaluate.Measure(t.Context(), m, data(t, "made", related))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by        string
		found     evaluate.Joined
		concept   score.Count
		unrelated evaluate.Unrelated
	}{
		// The model relates neighbours: SAW-AXE, AXE-SAW, SAW-PEG; ADZE-RASP, RASP-CHISEL.
		{"the model", r.Relations.Joined, score.Count{Right: 1, Wrong: 3}, evaluate.Unrelated{Abstracts: 1, Found: 2, With: 1}},
		// SAW-AXE, SAW-PEG, AXE-PEG; all three of b.
		{"an abstract", r.Relations.Abstract, score.Count{Right: 1, Wrong: 5}, evaluate.Unrelated{Abstracts: 1, Found: 3, With: 1}},
		// SAW-AXE; ADZE-RASP.
		{"a sentence", r.Relations.Sentence, score.Count{Right: 1, Wrong: 1}, evaluate.Unrelated{Abstracts: 1, Found: 1, With: 1}},
	} {
		if diff := cmp.Diff(score.Table{"Beside": c.concept}, c.found.ByConcept); diff != "" {
			t.Errorf("%s: %s", c.by, diff)
		}
		if c.found.Unrelated != c.unrelated {
			t.Errorf("%s: %+v", c.by, c.found.Unrelated)
		}
	}
	sum := evaluate.Sum("all", []evaluate.Result{r, r})
	if got := sum.Relations.Sentence.ByConcept.Micro(); got != (score.Count{Right: 2, Wrong: 2}) || sum.Relations.Abstract.Unrelated.Found != 6 {
		t.Errorf("twice: %+v", sum.Relations)
	}
}
