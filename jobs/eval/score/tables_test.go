package score_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// Scores are in percent, in the order of the tasks, all types together first.
func TestScoresOfACard(t *testing.T) {
	tables := score.Tables{
		{Task: schemas.TaskSummary, Data: "s", Baseline: "last sentence"}: {"": {TP: 3, FP: 1, FN: 1}},
		{Task: schemas.TaskAnswers, Data: "q", Setting: "x"}:              {"yes": {TP: 1, FP: 1}, "no": {FN: 1}},
		{Task: schemas.TaskNER, Data: "dev"}:                              {"Gene": {TP: 1, FP: 1}},
	}
	half := &catalog.Measure{Precision: 50, Recall: 100, F1: 66.7}
	want := []catalog.Score{
		{Task: "ner", Data: "dev", Measure: half},
		{Task: "ner", Data: "dev", Type: "Gene", Measure: half},
		{Task: "summary", Data: "s", Baseline: "last sentence", HitRate: 75},
		{Task: "answers", Data: "q", Setting: "x", Accuracy: 50, MacroF1: 33.3},
		{Task: "answers", Data: "q", Setting: "x", Type: "no", Measure: &catalog.Measure{}},
		{Task: "answers", Data: "q", Setting: "x", Type: "yes", Measure: half},
	}
	if diff := cmp.Diff(want, tables.Scores()); diff != "" {
		t.Error(diff)
	}
	if got := tables.Subjects()[1].String(); got != "summary, s, baseline: last sentence" {
		t.Error(got)
	}
}
