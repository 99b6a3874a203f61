package corpus

import (
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/schemas"
)

// Target is the edition to which the results of a Sink go.
type Target struct {
	Edition int
	// Begins means that no edition has the configuration. Difference then says how it differs from
	// that of the edition which a run continues by default; it is empty in a new corpus.
	Begins     bool
	Difference string
	// Lost describes the rows of the current edition that the new one does not have, by DropTables.
	Lost []string
}

// Target returns the edition as it was chosen when the corpus was opened.
func (s *Sink) Target() Target { return s.target }

// Preview opens a corpus as [Create] does, but writes nothing, to find out what a run would do. The
// same rules decide; a commit changes the snapshot in memory alone, in which its parts have no
// files. No lock is needed, and root need not exist.
func Preview(root string, spec Configuration, o Options) (*Sink, error) {
	fault := o.Fault
	o.Fault = func(op, path string) error {
		if !slices.Contains([]string{"read", "open", "stat", "list"}, op) {
			return fmt.Errorf("a preview must not write: %s %s", op, path)
		}
		if fault != nil {
			return fault(op, path)
		}
		return nil
	}
	s := newSink(root, spec, o)
	s.preview = true
	found, err := s.find()
	if err == nil && found {
		_, err = s.read()
	}
	if err == nil {
		err = s.chooseEdition()
	}
	if err != nil {
		return nil, explain(root, err)
	}
	return s, nil
}

// previewPart publishes a part in memory.
func (s *Sink) previewPart(part Part) error {
	var rest []Part
	for _, old := range s.Edition().holding(part.Units) {
		if old.Key == part.Key {
			part.Files = old.Files
		}
		if units := old.without(&part); len(units) > 0 {
			rest = append(rest, newPack(s.fingerprint, units))
		}
	}
	return s.commitPart(part, rest)
}

// remove removes what a run no longer needs; a preview keeps it.
func (s *Sink) remove(path string) error {
	if s.preview {
		return nil
	}
	return s.dir.Remove(path)
}

// previewWriter is the UnitWriter of a Preview. It knows the checkpoints.
type previewWriter struct{ *unitWriter }

// Write does nothing.
func (previewWriter) Write(context.Context, int, []schemas.Rows) error { return nil }

// Keep does nothing.
func (previewWriter) Keep(context.Context, int, []schemas.Rows) error { return nil }

// Commit publishes the unit in memory.
func (p previewWriter) Commit(ctx context.Context, chunks int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return explain(p.sink.root, p.sink.previewPart(newPart(p.sink.fingerprint, p.record(chunks))))
}
