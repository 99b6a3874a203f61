package jobs

import (
	"context"
	"errors"
	"slices"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

// RunOptions say where results go.
type RunOptions struct {
	Corpus  string // directory; created if it does not exist
	Replace bool   // lets an input replace one with the same name and other content
	// DropTables lets a new edition have fewer tables than the current one.
	DropTables bool
	Log        func(line string)
	// Progress returns hooks that show the progress of a run over units, and a function that ends
	// the display.
	Progress func(units []schemas.Unit, m *Meter) (hooks pipeline.Hooks, end func())
}

func (o RunOptions) progress(units []schemas.Unit, m *Meter) (pipeline.Hooks, func()) {
	if o.Progress == nil {
		return pipeline.Hooks{}, func() {}
	}
	return o.Progress(units, m)
}

// Outcome is the result of a job. Report and Metrics are valid also if the job failed.
type Outcome struct {
	Report   pipeline.Report
	Metrics  Metrics
	Edition  corpus.Edition  // that the job wrote, at the end
	Snapshot corpus.Snapshot // of the corpus at the end
}

// Counts returns the numbers of rows of the job's inputs, whichever run computed them.
func (o *Outcome) Counts() schemas.Counts {
	var c schemas.Counts
	for _, names := range [][]string{o.Report.Done, o.Report.Skipped} {
		for _, name := range names {
			if r, ok := o.Edition.Unit(name); ok {
				c.Merge(r.Counts)
			}
		}
	}
	return c
}

// RejectedShare returns the share of the records that were rejected. Rejects of what a model
// generated do not count: the records are good.
func (o *Outcome) RejectedShare() float64 { return rejectedShare(o.Counts()) }

func rejectedShare(c schemas.Counts) float64 {
	rejects, documents := float64(c.Rows["rejects"]), float64(c.Rows["documents"])
	for _, kind := range generate.Kinds() {
		rejects -= float64(c.Rejects[kind])
	}
	if rejects == 0 {
		return 0
	}
	return rejects / (rejects + documents)
}

// packRecords is corpus.Options.Pack: 10,000 files of one record become ten parts.
const packRecords = 1000

// Run takes every unit of the source through the components into a corpus.
func Run(ctx context.Context, source pipeline.Source, c *Components, o RunOptions) (done Outcome, err error) {
	sink, err := c.openCorpus(o, c.runInto(source))
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(Resumable(ctx, err), sink.Close()) }()
	units, err := source.Units(ctx)
	if err != nil {
		return done, err
	}
	meter := newMeter(c.engine)
	hooks, end := o.progress(units, meter)
	p := c.Pipeline()
	p.Source, p.Sink, p.Hooks = source, sink, meter.watch(hooks)
	if r := c.newReuser(sink, o.Log); r != nil {
		defer r.Close()
		p.Reuser = r
	}
	done.Report, err = pipeline.Run(ctx, p)
	end()
	if err != nil { // units that wait for a pack are not published
		e := sink.Edition()
		done.Report.Done = slices.DeleteFunc(done.Report.Done, func(unit string) bool {
			_, published := e.Unit(unit)
			return !published
		})
	}
	meter.endRun(done.Report)
	done.Metrics = meter.read(done.Report, c.Backend)
	done.Edition, done.Snapshot = *sink.Edition(), sink.Snapshot()
	return done, err
}

// runInto returns how a run over a source opens the corpus. Without a model only records that come
// over a network are worth a checkpoint.
func (c *Components) runInto(source pipeline.Source) corpus.Options {
	_, costly := source.(pipeline.Skipper)
	return corpus.Options{Direct: len(c.Tasks) == 0 && !costly, Pack: packRecords}
}

// syncInto returns how a sync opens the corpus.
func (c *Components) syncInto() corpus.Options { return corpus.Options{Direct: len(c.Tasks) == 0} }

// openCorpus opens the corpus for a run with these components.
func (c *Components) openCorpus(o RunOptions, options corpus.Options) (*corpus.Sink, error) {
	sink, err := corpus.Create(o.Corpus, c.Configuration, c.corpusOptions(o, options))
	return sink, requestError(err)
}

// corpusOptions completes the options of a corpus.
func (c *Components) corpusOptions(o RunOptions, options corpus.Options) corpus.Options {
	options.Replace, options.DropTables, options.Log = o.Replace, o.DropTables, o.Log
	options.Settings = c.request.settings(c.Configuration.Backend)
	return options
}

// requestError turns the refusal of a configuration into a RequestError.
func requestError(err error) error {
	if loss := (*corpus.LossError)(nil); errors.As(err, &loss) {
		return &RequestError{err}
	}
	return err
}
