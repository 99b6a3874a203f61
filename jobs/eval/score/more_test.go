package score_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

func parse(t *testing.T, text string) *dataset.Example {
	t.Helper()
	examples, _, err := dataset.PubTator(strings.NewReader(text), dataset.Own("x", "dev", false))
	if err != nil {
		t.Fatal(err)
	}
	return &examples[0]
}

func at(id, start, end int, typ string) schemas.Mention {
	return schemas.Mention{ID: id, Span: schemas.Span{Start: start, End: end}, Type: typ}
}

// Two of three found overlap the one wanted Disease: one of them counts. The Chemical is missed,
// and Gene is not annotated.
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

// The official definition: a set of concept pairs a document. Of the pairs D1-D2 and D1-D3 one is
// found, twice; one is made up. By mention, one that was found between other bounds is wrong.
func TestRelationsByMention(t *testing.T) {
	e := parse(
		t,
		"1|t|zorva gave pain, zorva gave itch\n1\t0\t5\tzorva\tChemical\tD1\n1\t11\t15\tpain\tDisease\tD2\n1\t17\t22\tzorva\tChemical\tD1\n1\t28\t32\titch\tDisease\tD3\n1\tCID\tD1\tD2\n1\tCID\tD1\tD3\n",
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

// Of three wanted yes two are found, the wanted no is taken for yes, maybe gets no answer: F1 of
// yes 2/3, of the others 0.
func TestAnswers(t *testing.T) {
	table := score.Table{}
	for _, a := range [][2]string{{"yes", "yes"}, {"yes", "yes"}, {"no", "yes"}, {"yes", "no"}, {"", "maybe"}} {
		table.Answer(a[0], a[1])
	}
	if got := table.Accuracy(); math.Abs(got-0.4) > 1e-9 {
		t.Errorf("accuracy %v", got)
	}
	if got, want := table.Macro(), (2.0*2/(2*2+1+1))/3; math.Abs(got-want) > 1e-9 {
		t.Errorf("macro-F1 %v, want %v", got, want)
	}
}

func TestCalibration(t *testing.T) {
	var c, d score.Calibration
	for i := range 10 {
		c.Add(0.85, i < 6)
	}
	d.Add(1, true)
	d.Add(float32(math.NaN()), true)
	d.Add(0.05, false)
	c.Merge(d)
	if c[8].Found != 10 || math.Abs(c[8].Accuracy()-0.6) > 1e-9 || math.Abs(c[8].Mean()-0.85) > 1e-6 ||
		c[9].Found != 1 ||
		c[0].Found != 1 {
		t.Errorf("%+v", c)
	}
	if got, want := c.Error(), (10*0.25+0.05)/12; math.Abs(got-want) > 1e-6 {
		t.Errorf("error %v, want %v", got, want)
	}
}
