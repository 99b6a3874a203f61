package score

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// Subject names what a Table measures; see catalog.Score for the fields.
type Subject struct{ Task, Data, Setting, Baseline string }

// String joins the fields, as in "relations, bc5cdr/dev, gold mentions".
func (s Subject) String() string {
	parts := []string{s.Task, s.Data}
	if s.Setting != "" {
		parts = append(parts, s.Setting)
	}
	if s.Baseline != "" {
		parts = append(parts, "baseline: "+s.Baseline)
	}
	return strings.Join(parts, ", ")
}

func (s Subject) compare(o Subject) int {
	tasks := schemas.Tasks()
	return cmp.Or(
		cmp.Compare(slices.Index(tasks, s.Task), slices.Index(tasks, o.Task)), cmp.Compare(s.Data, o.Data),
		cmp.Compare(s.Baseline, o.Baseline), cmp.Compare(s.Setting, o.Setting),
	)
}

// Tables holds a Table for every subject.
type Tables map[Subject]Table

// Subjects returns the subjects in the order of the tasks; baselines follow the model.
func (t Tables) Subjects() []Subject { return slices.SortedFunc(maps.Keys(t), Subject.compare) }

// Scores returns the tables as scores of a model card: for each subject all types together, then
// each type.
func (t Tables) Scores() []catalog.Score {
	scores := []catalog.Score{}
	for _, s := range t.Subjects() {
		table := t[s]
		row := catalog.Score{Task: s.Task, Data: s.Data, Setting: s.Setting, Baseline: s.Baseline}
		all := row
		switch s.Task {
		case schemas.TaskAnswers:
			all.Accuracy, all.MacroF1 = percent(table.Accuracy()), percent(table.Macro())
		case schemas.TaskSummary:
			all.HitRate = percent(table.Micro().Recall())
		default:
			all.Measure = measure(table.Micro())
		}
		scores = append(scores, all)
		for _, row.Type = range table.Types() {
			if row.Type == "" {
				continue
			}
			row.Measure = measure(table[row.Type])
			scores = append(scores, row)
		}
	}
	return scores
}

func measure(c Count) *catalog.Measure {
	return &catalog.Measure{
		Precision: percent(c.Precision()), Recall: percent(c.Recall()), F1: percent(c.F1()),
	}
}

// percent is a share in percent, to a tenth.
func percent(x float64) float64 { return math.Round(x*1000) / 10 }
