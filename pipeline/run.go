package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/schemas"
)

// Run takes every unit of the source to the sink. The report is valid also if there is an error.
func Run(ctx context.Context, p Pipeline) (Report, error) {
	r, units, err := newRun(ctx, p)
	if err != nil {
		return Report{}, err
	}
	g, stageCtx := errgroup.WithContext(ctx)
	prepared, encoded := make(chan *work), make(chan *work)
	g.Go(func() (err error) {
		defer close(prepared)
		defer catch(&err)
		return r.prepare(stageCtx, units, prepared)
	})
	g.Go(func() (err error) {
		defer close(encoded)
		defer catch(&err)
		return r.infer(stageCtx, prepared, encoded)
	})
	g.Go(func() (err error) {
		defer func() {
			for range encoded { // so that the stage before ends
			}
		}()
		defer catch(&err)
		return r.finish(stageCtx, encoded)
	})
	if err = g.Wait(); err == nil {
		err = r.flush(ctx)
	}
	r.report.Waits = r.waits.sum()
	return r.report, errors.Join(stopped(ctx, err), r.unkept)
}

// newRun returns a run, and the units of its source.
func newRun(ctx context.Context, p Pipeline) (*run, []schemas.Unit, error) {
	r := &run{Pipeline: p}
	r.Options = p.Options.WithDefaults()
	r.Hooks = p.Hooks.serialized(&r.hooks)
	units, err := p.Source.Units(ctx)
	if err != nil {
		return nil, nil, stopped(ctx, fmt.Errorf("list inputs: %w", err))
	}
	r.report.Units = len(units)
	return r, units, nil
}

// flush publishes the units that the sink set aside.
func (r *run) flush(ctx context.Context) (err error) {
	defer catch(&err)
	return r.Sink.Flush(ctx)
}

// stopped turns an error caused by the end of the context into one with the cause.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		return fmt.Errorf("stopped in good order: %w", context.Cause(ctx))
	}
	return err
}

func catch(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}

// run is the state of one Run. Each field of the report is written by one stage alone.
type run struct {
	Pipeline
	hooks  sync.Mutex
	report Report
	waits  waits
	unkept error // why the finished records of a chunk could not be kept at the end
}

// prepare is the first stage: units in order, their records into chunks.
func (r *run) prepare(ctx context.Context, units []schemas.Unit, out chan<- *work) error {
	for i, u := range units {
		r.Hooks.UnitStart(u, i, len(units))
		err := r.prepareUnit(ctx, u, out)
		var bad *schemas.BadInputError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &bad):
			r.report.Failed = append(r.report.Failed, Failure{Unit: u, Err: bad})
			r.Hooks.UnitDone(u, UnitFailed, bad)
		case err != nil:
			return fmt.Errorf("unit %s: %w", u.Name, err)
		}
	}
	return nil
}

func (r *run) prepareUnit(ctx context.Context, u schemas.Unit, out chan<- *work) error {
	digest := sync.OnceValues(func() (string, error) { return r.Source.Digest(ctx, u) })
	done, err := r.Sink.Committed(u, digest)
	if err != nil {
		return err
	}
	if done {
		r.report.Skipped = append(r.report.Skipped, u.Name)
		r.Hooks.UnitDone(u, UnitSkipped, nil)
		return nil
	}
	sum, err := digest()
	if err != nil {
		return err
	}
	part, err := r.Sink.Open(ctx, u, sum)
	if err != nil {
		return err
	}
	open := &unit{Unit: u, writer: part}
	chunks, err := r.prepareChunks(ctx, open, out)
	if err != nil {
		return err
	}
	return send(ctx, out, &work{unit: open, chunk: chunks, end: true}, &r.waits.prepare)
}

// prepareChunks reads the unit to its end and returns the number of its chunks.
func (r *run) prepareChunks(ctx context.Context, u *unit, out chan<- *work) (chunks int, err error) {
	var pool errgroup.Group
	pool.SetLimit(r.Options.Workers)
	defer pool.Wait()
	prepare := func(it *item) {
		read := r.share(u.Unit)
		pool.Go(func() error {
			it.prepare(r.Preparer, r.Tasks)
			r.Hooks.Prepared(u.Unit, 1, read)
			return nil
		})
	}
	var kept []schemas.Rows // of the first records of the chunk
	have, records := false, 0
	var items []*item
	flush := func() error {
		if have {
			r.report.Resumed += records
			r.Hooks.Documents(u.Unit, records, true)
		} else {
			n := min(len(kept), len(items))
			if n > 0 {
				r.report.Resumed += n
				r.Hooks.Documents(u.Unit, n, true)
			}
			if r.Reuser != nil {
				if err := r.reuse(ctx, u.Unit, items[n:]); err != nil {
					return err
				}
				for _, it := range items[n:] {
					prepare(it)
				}
			}
			pool.Wait()
			if err := send(ctx, out, &work{unit: u, chunk: chunks, items: items}, &r.waits.prepare); err != nil {
				return err
			}
		}
		chunks, records, items = chunks+1, 0, nil
		return nil
	}
	chunks, docs := r.documents(ctx, u)
	for doc, err := range docs {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		it := &item{doc: doc}
		if err != nil && !errors.As(err, &it.reject) {
			return 0, err
		}
		if records == 0 {
			if have, kept = u.writer.Have(chunks), nil; !have {
				if kept, err = r.kept(u, chunks); err != nil {
					return 0, err
				}
			}
		}
		switch {
		case have:
		case records < len(kept):
			items = append(items, &item{kept: true, rows: kept[records]})
		default:
			items = append(items, it)
			if r.Reuser == nil {
				prepare(it)
			}
		}
		records++
		if records == r.Options.Chunk {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	if records > 0 {
		err = flush()
	}
	r.Hooks.Prepared(u.Unit, 0, 1)
	return chunks, err
}

// share returns the share of a unit that is read, or 0 if that is not known.
func (r *run) share(u schemas.Unit) float64 {
	if p, ok := r.Source.(Positioner); ok {
		if read, size := p.Position(u); size > 0 {
			return min(1, float64(read)/float64(size))
		}
	}
	return 0
}

// documents returns the records of a unit. If the source is a Skipper, it skips those in
// checkpointed chunks at the beginning of the unit, and returns the number of these chunks.
func (r *run) documents(ctx context.Context, u *unit) (chunks int, docs iter.Seq2[*schemas.Document, error]) {
	source, ok := r.Source.(Skipper)
	if !ok || !u.writer.Have(0) {
		return 0, r.Source.Documents(ctx, u.Unit)
	}
	for u.writer.Have(chunks) {
		chunks++
	}
	passed, docs := source.DocumentsFrom(ctx, u.Unit, chunks*r.Options.Chunk)
	r.report.Resumed += passed
	r.Hooks.Documents(u.Unit, passed, true)
	return chunks, docs
}
