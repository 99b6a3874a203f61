package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/memory"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

// annotate runs the documents through a pipeline and returns the annotations of each, with spans in
// bytes of its text.
func annotate(ctx context.Context, p pipeline.Pipeline, docs []*schemas.Document) ([]schemas.Annotations, error) {
	numbered := make([]*schemas.Document, len(docs))
	for i, d := range docs {
		n := *d
		n.PMID, n.Version, n.Deleted = schemas.PMID(i+1), 1, false // rows need a PMID, documents may lack one
		numbered[i] = &n
	}
	rows := &memory.Sink{}
	p.Source, p.Sink = memory.NewSource("evaluation", numbered), rows
	if _, err := pipeline.Run(ctx, p); err != nil {
		return nil, err
	}
	if len(rows.Records) != len(docs) {
		return nil, fmt.Errorf("rows of %d documents instead of %d", len(rows.Records), len(docs))
	}
	out := make([]schemas.Annotations, len(docs))
	for i, r := range rows.Records {
		for _, x := range r.Rejects {
			if !slices.Contains(generate.Kinds(), x.Kind) {
				return nil, fmt.Errorf("document %d: %s: %s: %s", i+1, x.Stage, x.Kind, x.Message)
			}
		}
		a, err := schemas.AnnotationsOf(numbered[i], &r)
		if err != nil {
			return nil, err
		}
		out[i] = *a
	}
	return out, nil
}
