package eval

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/schemas"
)

// LabelScores compare the labels of documents.
type LabelScores struct {
	Documents int
	Table     score.Table // by label
}

// MarshalJSON prints the counts and the measures.
func (x LabelScores) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Documents int       `json:"documents"`
		Labels    tableJSON `json:"labels"`
	}{x.Documents, tableOf(x.Table)})
}

// measureLabels evaluates the labels of the documents that are labelled.
func (m *Model) measureLabels(ctx context.Context, examples []dataset.Example, r *Result) error {
	labelled := slices.DeleteFunc(slices.Clone(examples), func(e dataset.Example) bool { return e.Labels == nil })
	task := m.task(schemas.TaskLabels)
	if task == nil || len(labelled) == 0 {
		return nil
	}
	found, err := annotate(ctx, m.pipeline(task), documents(labelled))
	if err != nil {
		return err
	}
	r.Labels = &LabelScores{Documents: len(labelled), Table: score.Table{}}
	for i := range labelled {
		r.Labels.Table.Labels(labelled[i].Labels, found[i].Labels)
	}
	return nil
}

func labelGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Labels == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable("data", "documents", "label", "P", "R", "F1", "TP", "FP", "FN")
		}
		addTypes(grid, r.Name, r.Labels.Documents, r.Labels.Table)
	}
	return "Labels of documents, micro-averaged", grid
}
