package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/bulk"
)

// syncer applies files.
type syncer struct {
	site    *bulk.Ahead
	sink    *corpus.Sink
	works   *components
	options pipeline.Options
	log     *slog.Logger
	err     io.Writer
	gauge   *runMetrics
	report  pipeline.Report
}

// run applies each file that is not applied yet, in order, up to the first that fails.
func (s *syncer) run(ctx context.Context, reissued bool) (*outcome, error) {
	snapshot := s.sink.Snapshot()
	plan, err := newSyncPlan(ctx, s.site, &snapshot, reissued)
	if err != nil {
		return nil, err
	}
	if before := newestRelease(&snapshot); snapshot.Release == "" && before != "" && before < plan.Release {
		if err := s.sink.SetRelease(before); err != nil { // what readers see while the new one is built
			return nil, err
		}
	}
	defer s.site.End()
	for i, f := range plan.Files {
		if f.Number == plan.Baseline+1 {
			if err := s.sink.SetRelease(plan.Release); err != nil {
				return nil, err
			}
		}
		if err := s.apply(ctx, f, plan.Files[i+1:]); err != nil {
			return nil, err
		}
		if len(s.report.Failed) > 0 {
			break
		}
	}
	if len(s.report.Failed) == 0 {
		if err := s.sink.SetRelease(plan.Release); err != nil {
			return nil, err
		}
	}
	return &outcome{
		report: s.report, snapshot: s.sink.Snapshot(), measured: s.gauge.read(), backend: s.works.backend,
	}, nil
}

// apply publishes a file, unless that is done. While it is at work, the next file that is to be
// applied is fetched.
func (s *syncer) apply(ctx context.Context, f bulk.File, rest []bulk.File) error {
	input, err := s.input(ctx, f)
	if err != nil {
		return err
	}
	done, err := s.sink.Committed(input.unit, func() (string, error) { return input.Digest(ctx, input.unit) })
	if err != nil {
		return err
	}
	if done {
		s.report.Skipped = append(s.report.Skipped, f.Unit())
		return nil
	}
	if err := input.fetch(ctx); err != nil {
		return err
	}
	for _, next := range rest {
		if s.pending(ctx, next) {
			s.site.Begin(ctx, next)
			break
		}
	}
	meter := newMeter(s.err, s.log, []schemas.Unit{input.unit}, s.gauge)
	p := s.works.pipeline()
	p.Source, p.Sink, p.Options, p.Hooks = input, s.sink, s.options, s.gauge.watch(meter.Hooks())
	report, err := pipeline.Run(ctx, p)
	meter.Close()
	s.gauge.over(report)
	s.report.Merge(report.Counts)
	s.report.Done = append(s.report.Done, report.Done...)
	s.report.Skipped = append(s.report.Skipped, report.Skipped...)
	s.report.Failed = append(s.report.Failed, report.Failed...)
	s.report.Records += report.Records
	s.report.Resumed += report.Resumed
	return err
}

// errUnknown stands for a digest that is not worth a download.
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

// input returns a file that is fetched when it is needed. One that run applied is taken as it is:
// its MD5 is not known.
func (s *syncer) input(ctx context.Context, f bulk.File) (*bulkInput, error) {
	input := &bulkInput{site: s.site, file: f, unit: schemas.Unit{Name: f.Unit(), Path: f.Name}}
	snapshot := s.sink.Snapshot()
	if r, ok := snapshot.Unit(f.Unit()); ok && !strings.HasPrefix(r.Stamp, stampPrefix) {
		input.unit.Stamp = r.Stamp
		return input, nil
	}
	sum, err := s.site.MD5(ctx, f)
	input.unit.Stamp = stampPrefix + sum
	return input, err
}

// bulkInput is one file of a site: a pipeline.Source.
type bulkInput struct {
	*sources.FileSource // nil before fetch
	site                bulk.Site
	file                bulk.File
	unit                schemas.Unit
}

// fetch gets the file here, whole.
func (b *bulkInput) fetch(ctx context.Context) error {
	if b.FileSource != nil {
		return nil
	}
	path, err := b.site.Fetch(ctx, b.file)
	if err != nil {
		return err
	}
	b.unit.Path = path
	b.FileSource, err = sources.Files(path)
	return err
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
	return b.FileSource.Digest(ctx, b.unit)
}
