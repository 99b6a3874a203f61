package pipelinetest

import (
	"context"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Reuser is a pipeline.Reuser that knows the results that a function returns.
type Reuser struct {
	Known func(doc *schemas.Document) *pipeline.Reused
	Fail  func(call int) error // unless nil, called before each call
	calls int
}

// Reuse returns the results.
func (r *Reuser) Reuse(ctx context.Context, _ schemas.Unit, docs []*schemas.Document) ([]*pipeline.Reused, error) {
	r.calls++
	if r.Fail != nil {
		if err := r.Fail(r.calls); err != nil {
			return nil, err
		}
	}
	found := make([]*pipeline.Reused, len(docs))
	for i, doc := range docs {
		found[i] = r.Known(doc)
	}
	return found, ctx.Err()
}

// Summarizer is a pipeline.Task that reads no states: its summary is the last sentence with a
// mention that an earlier task found, and the score the number of mentions.
type Summarizer struct{ Label string }

// Name returns the label.
func (k Summarizer) Name() string { return k.Label }

// ReadsStates is false.
func (Summarizer) ReadsStates() bool { return false }

// Annotate adds the summary.
func (Summarizer) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	if n := len(a.Mentions); n > 0 {
		i := a.Mentions[n-1].Sentence
		at := t.Sentences[i]
		a.Summaries = append(a.Summaries, schemas.Summary{
			Text: t.Body[at.Start:at.End], Method: schemas.MethodExtracted, Sentences: []int32{int32(i)},
			Score: float32(n),
		})
	}
	return nil
}
