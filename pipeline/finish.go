package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/schemas"
)

// openChunk is a chunk of which some records are finished.
type openChunk struct {
	unit    *unit
	chunk   int
	records []schemas.Rows
	kept    int       // number of records that are kept
	resumed int       // number of records that an earlier run kept
	since   time.Time // when they were kept, or the chunk began
}

// finish is the third stage: annotations become rows, chunks become checkpoints, units are
// published. It also takes what comes after the end of ctx, so that no finished record is lost.
func (r *run) finish(ctx context.Context, in <-chan *work) error {
	var c openChunk
	err := r.finishAll(ctx, in, &c)
	if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())) {
		r.unkept = r.keep(context.WithoutCancel(ctx), &c)
	}
	return err
}

func (r *run) finishAll(ctx context.Context, in <-chan *work, c *openChunk) error {
	for w := range received(in, &r.waits.finish) {
		if w.end {
			if err := r.publish(ctx, w); err != nil {
				return err
			}
			continue
		}
		if err := r.annotate(w); err != nil {
			return err
		}
		c.add(w)
		err := error(nil)
		switch {
		case w.last:
			err = r.checkpoint(ctx, c)
		case time.Since(c.since) >= r.Options.Keep:
			err = r.keep(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("unit %s, chunk %d: %w", w.unit.Name, w.chunk, err)
		}
	}
	return nil
}

// annotate finishes the records of a group in parallel.
func (r *run) annotate(w *work) error {
	var pool errgroup.Group
	pool.SetLimit(r.Options.Workers)
	from := schemas.Provenance{Unit: w.unit.Name, Model: r.Model}
	for _, it := range w.items {
		pool.Go(func() error { return it.finish(r.Tasks, from) })
	}
	return pool.Wait()
}

// add appends the rows of finished records.
func (c *openChunk) add(w *work) {
	if len(c.records) == 0 {
		c.unit, c.chunk, c.since = w.unit, w.chunk, time.Now()
	}
	for _, it := range w.items {
		c.records = append(c.records, it.rows)
		if it.kept {
			c.kept, c.resumed = len(c.records), len(c.records)
		}
	}
}

// checkpoint writes a chunk that is complete, and makes room for the next.
func (r *run) checkpoint(ctx context.Context, c *openChunk) error {
	if err := c.unit.writer.Write(ctx, c.chunk, c.records); err != nil {
		return err
	}
	computed := c.records[c.resumed:]
	r.report.Counts.Add(computed)
	r.report.Records += len(computed)
	r.Hooks.Waits(r.waits.sum())
	r.Hooks.Documents(c.unit.Unit, len(computed), false)
	*c = openChunk{}
	return nil
}

// keep keeps the finished records of a chunk, where the sink can and the model gives the others the
// same results without them.
func (r *run) keep(ctx context.Context, c *openChunk) error {
	if len(c.records) == c.kept {
		return nil
	}
	keeper, ok := c.unit.writer.(Keeper)
	if !ok || !r.exact() {
		return nil
	}
	if err := keeper.Keep(ctx, c.chunk, c.records); err != nil {
		return err
	}
	c.kept, c.since = len(c.records), time.Now()
	return nil
}

// kept returns the rows of the first records of a chunk that an earlier run kept.
func (r *run) kept(u *unit, chunk int) ([]schemas.Rows, error) {
	keeper, ok := u.writer.(Keeper)
	if !ok || !r.exact() {
		return nil, nil
	}
	return keeper.Kept(chunk)
}

// exact reports whether encoder and generator are Exact.
func (r *run) exact() bool {
	isExact := func(model any) bool {
		e, ok := model.(Exact)
		return ok && e.Exact()
	}
	return (r.Encoder == nil || isExact(r.Encoder)) && (r.Generator == nil || isExact(r.Generator))
}
