// Package memory has a source and a sink of a pipeline in memory: for documents whose rows are used
// at once and not kept.
package memory

import (
	"context"
	"errors"
	"iter"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Source is a pipeline.Source of documents, as one unit.
type Source struct {
	unit string
	docs []*schemas.Document
}

// NewSource returns the source of a unit.
func NewSource(unit string, docs []*schemas.Document) Source { return Source{unit, docs} }

// Units returns the unit.
func (s Source) Units(context.Context) ([]schemas.Unit, error) {
	return []schemas.Unit{{Name: s.unit, Path: s.unit}}, nil
}

// Digest returns nothing: no results are kept.
func (Source) Digest(context.Context, schemas.Unit) (string, error) { return "", nil }

// Documents yields the documents.
func (s Source) Documents(context.Context, schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		for _, d := range s.docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// Sink is a pipeline.Sink that keeps the rows of one unit. The pipeline writes its chunks in order.
type Sink struct{ Records []schemas.Rows }

// Committed is false: no results are kept.
func (*Sink) Committed(schemas.Unit, func() (string, error)) (bool, error) { return false, nil }

// Open returns the writer of the unit.
func (s *Sink) Open(context.Context, schemas.Unit, string) (pipeline.UnitWriter, error) {
	return unitWriter{s}, nil
}

// Flush does nothing.
func (*Sink) Flush(context.Context) error { return nil }

// unitWriter adds the rows of the unit to the sink.
type unitWriter struct{ sink *Sink }

// Have is false: no chunk is kept.
func (unitWriter) Have(int) bool { return false }

// Write keeps a chunk.
func (w unitWriter) Write(_ context.Context, chunk int, records []schemas.Rows) error {
	if chunk == 0 && len(w.sink.Records) > 0 {
		return errors.New("the first chunk was written twice")
	}
	w.sink.Records = append(w.sink.Records, records...)
	return nil
}

// Commit does nothing.
func (unitWriter) Commit(context.Context, int) error { return nil }
