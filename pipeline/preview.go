package pipeline

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/schemas"
)

// Work is how much a run computes for a record.
type Work int

// The values of Work.
const (
	NoWork     Work = iota // results of every task are reused, or there is no text
	TaskWork               // tasks run that need neither encoder nor generator
	EncodeWork             // encoder or generator read the document
)

// Previewed is a record that a run would compute.
type Previewed struct {
	Document *schemas.Document // nil for a record that is rejected
	Reused   *Reused           // nil if nothing is
	Work     Work
}

// Preview does what [Run] does up to the encoder: it reads the records of the units that are not
// published, asks the Reuser for results, and divides the documents into groups. It passes each
// record that Run would compute to see, in order. The tasks do not run. The sink receives no rows,
// only commits, so it must be one that does without. The report is that of Run, without Counts.
func Preview(ctx context.Context, p Pipeline, see func(u schemas.Unit, r Previewed)) (Report, error) {
	r, units, err := newRun(ctx, p)
	if err != nil {
		return Report{}, err
	}
	g, stageCtx := errgroup.WithContext(ctx)
	prepared := make(chan *work)
	g.Go(func() (err error) {
		defer close(prepared)
		defer catch(&err)
		return r.prepare(stageCtx, units, prepared)
	})
	g.Go(func() (err error) {
		defer func() {
			for range prepared { // so that the stage before ends
			}
		}()
		defer catch(&err)
		return r.preview(stageCtx, prepared, see)
	})
	err = g.Wait()
	return r.report, stopped(ctx, err)
}

// preview takes the place of the second and the third stage.
func (r *run) preview(ctx context.Context, in <-chan *work, see func(schemas.Unit, Previewed)) error {
	for w := range in {
		if w.end {
			if err := r.publish(ctx, w); err != nil {
				return err
			}
			continue
		}
		for group := range groups(w, r.Options.GroupTokens) {
			f := &inference{run: r, group: group}
			f.sequences()
			f.prompts()
			for _, it := range group.items {
				if it.kept {
					continue
				}
				r.report.Records++
				work := it.work(r.Tasks)
				if work == EncodeWork {
					r.report.Encoded++
				}
				see(w.unit.Unit, Previewed{Document: it.doc, Reused: it.reused, Work: work})
				r.Hooks.Inferred(w.unit.Unit, 1)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// work returns what is to be computed for a record in a group whose sequences and prompts are made.
func (it *item) work(tasks []Task) Work {
	switch {
	case it.missing > 0:
		return EncodeWork
	case it.text == nil || it.reused.all(tasks):
		return NoWork
	}
	return TaskWork
}

// publish commits a unit.
func (r *run) publish(ctx context.Context, w *work) error {
	if err := w.unit.writer.Commit(ctx, w.chunk); err != nil {
		return fmt.Errorf("unit %s: %w", w.unit.Name, err)
	}
	r.report.Done = append(r.report.Done, w.unit.Name)
	r.Hooks.UnitDone(w.unit.Unit, UnitDone, nil)
	return nil
}
