package jobs

import (
	"context"
	"errors"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/bulk"
)

// Sync applies each of PubMed's files that the corpus does not have, in order, up to the first that
// fails. RunOptions.Replace applies files again that were reissued since they were applied.
//
// At the end files are removed that were replaced or dropped longer ago than corpus.Retention.
//
// A new yearly baseline is built beside the release before, which readers see until the baseline is
// complete.
func Sync(ctx context.Context, site bulk.Site, c *Components, o RunOptions) (done Outcome, err error) {
	sink, err := c.openCorpus(o, c.syncInto())
	if err != nil {
		return done, err
	}
	s := &syncer{
		site: &bulk.Ahead{Site: site}, sink: sink, components: c, options: o, meter: newMeter(c.engine),
	}
	if s.reuser = c.newReuser(sink, o.Log); s.reuser != nil {
		defer s.reuser.Close()
	}
	if err = s.run(ctx); err == nil {
		_, err = sink.Collect(corpus.Retention, false)
	}
	done = Outcome{
		Report: s.report, Metrics: s.meter.read(s.report, c.Backend),
		Edition: *sink.Edition(), Snapshot: sink.Snapshot(),
	}
	return done, errors.Join(syncError(ctx, err), sink.Close())
}

// syncError classifies the error of a sync: a damaged file of a mirror is bad input; a server that
// cannot be reached, or that may be replacing a file, stops the sync in good order.
func syncError(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, bulk.ErrMismatch), errors.Is(err, bulk.ErrSidecar):
		return &schemas.BadInputError{Path: "sync", Err: err}
	case err != nil && ctx.Err() == nil && bulk.Temporary(err):
		return &StoppedError{err}
	}
	return Resumable(ctx, err)
}

// syncer applies files.
type syncer struct {
	site       *bulk.Ahead
	sink       *corpus.Sink
	components *Components
	options    RunOptions
	reuser     *reuser  // nil if there is nothing to compute
	planner    *planner // nil unless nothing is to be done
	meter      *Meter
	report     pipeline.Report
}

func (s *syncer) run(ctx context.Context) error {
	plan, err := listRelease(ctx, s.site, s.sink.Edition(), s.options.Replace)
	if err != nil {
		return err
	}
	if err := s.sink.BeginRelease(plan.Release); err != nil {
		return err
	}
	defer s.site.End()
	for i, f := range plan.Files {
		if f.Number == plan.Baseline+1 {
			if err := s.sink.SetRelease(); err != nil {
				return err
			}
		}
		if err := s.apply(ctx, f, plan.Files[i+1:]); err != nil {
			return err
		}
		if len(s.report.Failed) > 0 {
			return nil
		}
	}
	return s.sink.SetRelease()
}

// apply publishes a file, unless it is published already. Meanwhile the next file that is to be
// applied is downloaded.
func (s *syncer) apply(ctx context.Context, f bulk.File, rest []bulk.File) error {
	input, err := s.input(ctx, f)
	if err != nil {
		return err
	}
	done, err := s.sink.Committed(input.unit, func() (string, error) {
		if input.applied != "" {
			return input.applied, nil
		}
		return input.Digest(ctx, input.unit)
	})
	if err != nil {
		return err
	}
	if done {
		s.report.Skipped = append(s.report.Skipped, f.Unit())
		if s.planner != nil {
			s.planner.change(input.unit, func(u *PlannedUnit) { u.Action = ActionNone })
		}
		return nil
	}
	if err := input.fetch(ctx); err != nil {
		return err
	}
	if s.planner != nil {
		return s.plan(ctx, input)
	}
	for _, next := range rest {
		if s.pending(ctx, next) {
			s.site.Begin(ctx, next)
			break
		}
	}
	hooks, end := s.options.progress([]schemas.Unit{input.unit}, s.meter)
	p := s.components.Pipeline()
	p.Source, p.Sink, p.Hooks = input, s.sink, s.meter.watch(hooks)
	if s.reuser != nil {
		s.reuser.update()
		p.Reuser = s.reuser
	}
	report, err := pipeline.Run(ctx, p)
	end()
	s.meter.endRun(report)
	s.report.Add(report)
	return err
}

// errUnknown takes the place of a digest that is not worth a download.
var errUnknown = errors.New("not known yet")

// pending reports whether a file is certainly to be applied.
func (s *syncer) pending(ctx context.Context, f bulk.File) bool {
	input, err := s.input(ctx, f)
	if err != nil {
		return false
	}
	done, err := s.sink.Committed(input.unit, func() (string, error) { return "", errUnknown })
	return err == nil && !done
}

// input returns a file that is downloaded when it is needed. One that Run applied is taken as it
// is: its MD5 is not known.
func (s *syncer) input(ctx context.Context, f bulk.File) (*bulkInput, error) {
	input := &bulkInput{site: s.site, file: f, unit: schemas.Unit{Name: f.Unit(), Path: f.Name}, plan: s.planner != nil}
	if r, ok := s.sink.Edition().Unit(f.Unit()); ok && !strings.HasPrefix(r.Stamp, stampPrefix) {
		input.unit.Stamp, input.applied = r.Stamp, r.Digest
		return input, nil
	}
	sum, err := s.site.MD5(ctx, f)
	input.unit.Stamp = stampPrefix + sum
	if input.plan {
		input.assumed = s.assumedDigest(input.unit)
	}
	return input, err
}

// assumedDigest returns the digest of a file that is not here, if an edition has it or may have it;
// unknown otherwise.
func (s *syncer) assumedDigest(u schemas.Unit) string {
	live := s.sink.Snapshot()
	for i := range live.Editions {
		r, ok := live.Editions[i].Unit(u.Name)
		if ok && (r.Stamp == u.Stamp || !strings.HasPrefix(r.Stamp, stampPrefix)) {
			return r.Digest
		}
	}
	return "unknown"
}

// bulkInput is one file of a site: a pipeline.Source.
type bulkInput struct {
	*sources.FileSource // nil before fetch
	site                *bulk.Ahead
	file                bulk.File
	unit                schemas.Unit
	applied             string // digest, if Run applied the file
	assumed             string // digest of a file that is not here
	plan                bool   // do not download the file
}

// fetch downloads the file unless it is here. For a plan it may stay away.
func (b *bulkInput) fetch(ctx context.Context) error {
	if b.FileSource != nil {
		return nil
	}
	path, err := b.find(ctx)
	if err != nil || path == "" {
		return err
	}
	b.unit.Path = path
	b.FileSource, err = sources.Files(path)
	return err
}

func (b *bulkInput) find(ctx context.Context) (string, error) {
	if !b.plan {
		return b.site.Fetch(ctx, b.file)
	}
	if holder, ok := b.site.Site.(bulk.Holder); ok {
		return holder.Have(ctx, b.file)
	}
	return "", nil
}

// Units returns the file.
func (b *bulkInput) Units(ctx context.Context) ([]schemas.Unit, error) {
	return []schemas.Unit{b.unit}, ctx.Err()
}

// Digest fetches the file if need be.
func (b *bulkInput) Digest(ctx context.Context, _ schemas.Unit) (string, error) {
	if err := b.fetch(ctx); err != nil {
		return "", err
	}
	if b.FileSource == nil {
		return b.assumed, nil
	}
	return b.FileSource.Digest(ctx, b.unit)
}
