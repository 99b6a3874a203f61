package score_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

func parse(t *testing.T, text string) *dataset.Example {
	t.Helper()
	examples, _, err := dataset.PubTator(strings.NewReader(text), dataset.UserRules("x", "dev", false))
	if err != nil {
		t.Fatal(err)
	}
	return &examples[0]
}

func at(id, start, end int, typ string) schemas.Mention {
	return schemas.Mention{ID: id, Span: schemas.Span{Start: start, End: end}, Type: typ}
}

// Two predictions overlap the gold Disease, and one of them matches. The Chemical is a false
// negative, and Gene is not annotated.
func TestOverlaps(t *testing.T) {
	e := parse(
		t, "1|t|renal failure after zorvaline\n1\t0\t13\trenal failure\tDisease\n1\t20\t29\tzorvaline\tChemical\n",
	)
	found := []schemas.Mention{
		at(0, 6, 13, "Disease"), at(1, 0, 5, "Disease"), at(2, 14, 19, "Disease"), at(3, 0, 5, "Gene"),
	}
	got := score.Table{}
	got.Overlaps(e, found)
	if diff := cmp.Diff(score.Table{"Disease": {TP: 1, FP: 2}, "Chemical": {FN: 1}}, got); diff != "" {
		t.Error(diff)
	}
	for i, want := range [][2]bool{{false, true}, {false, true}, {false, true}, {false, false}} {
		if right, counted := score.Mention(e, found[i]); right != want[0] || counted != want[1] {
			t.Errorf("mention %d: right %v, counted %v", i, right, counted)
		}
	}
	if right, counted := score.Mention(e, at(0, 0, 13, "Disease")); !right || !counted {
		t.Error("the annotators' own mention is wrong")
	}
}
