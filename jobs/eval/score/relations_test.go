package score_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

// The official definition: a set of concept pairs per document. Of the pairs D1-D2 and D1-D3 one is
// predicted, twice; another prediction is wrong. By mention, spans must match.
func TestRelationsByMention(t *testing.T) {
	e := parse(
		t,
		"1|t|zorva gave pain, zorva gave itch\n1\t0\t5\tzorva\tChemical\tD1\n1\t11\t15\tpain\tDisease\tD2\n1\t17\t"+
			"22\tzorva\tChemical\tD1\n1\t28\t32\titch\tDisease\tD3\n1\tCID\tD1\tD2\n1\tCID\tD1\tD3\n",
	)
	mentions := []schemas.Mention{
		at(0, 0, 5, "Chemical"), at(1, 11, 15, "Disease"), at(2, 17, 22, "Chemical"), at(3, 23, 32, "Disease"),
	}
	found := []schemas.Relation{
		{Type: "CID", Subject: 0, Object: 1},
		{Type: "CID", Subject: 2, Object: 1},
		{Type: "CID", Subject: 2, Object: 3},
	}
	byConcept, byMention := score.Table{}, score.Table{}
	byConcept.Relations(e, mentions, found, true)
	byMention.RelationsByMention(e, mentions, found, true)
	want := score.Table{"CID": {TP: 1, FP: 1, FN: 1}}
	if diff := cmp.Diff(want, byConcept) + cmp.Diff(want, byMention); diff != "" {
		t.Error(diff)
	}
	mentions[3] = at(3, 28, 32, "Disease")
	mentions[1] = at(1, 11, 16, "Disease") // the text "pain," has no concept, either
	byMention = score.Table{}
	byMention.RelationsByMention(e, mentions, found, true)
	if diff := cmp.Diff(score.Table{"CID": {TP: 1, FP: 1, FN: 1}}, byMention); diff != "" {
		t.Error(diff)
	}
}
