package eval

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/pubmine/pubmine/pipeline"
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
	rows := &sink{}
	p.Source, p.Sink = source(numbered), rows
	if _, err := pipeline.Run(ctx, p); err != nil {
		return nil, err
	}
	if len(rows.records) != len(docs) {
		return nil, fmt.Errorf("rows of %d documents instead of %d", len(rows.records), len(docs))
	}
	out := make([]schemas.Annotations, len(docs))
	for i, r := range rows.records {
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

// source is a pipeline.Source of one unit.
type source []*schemas.Document

// Units returns the unit.
func (source) Units(context.Context) ([]schemas.Unit, error) {
	return []schemas.Unit{{Name: "evaluation", Path: "evaluation"}}, nil
}

// Digest returns nothing: no results are kept.
func (source) Digest(context.Context, schemas.Unit) (string, error) { return "", nil }

// Documents yields the documents.
func (s source) Documents(context.Context, schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		for _, d := range s {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// sink keeps rows in memory. The pipeline writes the chunks in order.
type sink struct{ records []schemas.Rows }

// Committed is false: no results are kept.
func (*sink) Committed(schemas.Unit, func() (string, error)) (bool, error) { return false, nil }

// Open returns the sink itself.
func (s *sink) Open(context.Context, schemas.Unit, string) (pipeline.UnitWriter, error) {
	return unitWriter{s}, nil
}

// Flush does nothing.
func (*sink) Flush(context.Context) error { return nil }

// unitWriter adds the rows of the unit to the sink.
type unitWriter struct{ sink *sink }

// Have is false: no chunk is kept.
func (unitWriter) Have(int) bool { return false }

// Write keeps a chunk.
func (p unitWriter) Write(_ context.Context, chunk int, records []schemas.Rows) error {
	if chunk == 0 && len(p.sink.records) > 0 {
		return errors.New("the first chunk was written twice")
	}
	p.sink.records = append(p.sink.records, records...)
	return nil
}

// Commit does nothing.
func (unitWriter) Commit(context.Context, int) error { return nil }
