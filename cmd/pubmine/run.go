package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/progress"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/eutils"
	"github.com/pubmine/pubmine/stages/generate"
)

// runCommand is pubmine run.
type runCommand struct {
	Inputs     []string `arg:"" optional:"" help:"Files, folders and globs of PubMed XML, plain or gzip."`
	Corpus     string   `required:"" placeholder:"DIR" help:"Corpus directory; made if it is not there."`
	Model      string   `default:"bundled" help:"Model: \"bundled\", or a model directory."`
	Tasks      []string `placeholder:"TASK,..." help:"ner, relations, summary, answers; none for documents and sentences alone. Default: all that the model serves."`
	Backend    string   `default:"auto" enum:"auto,cpu,xla:cpu,cuda" help:"Backend: ${enum}."`
	Limit      int      `placeholder:"N" help:"Take only the first N documents."`
	MaxRejects float64  `default:"0.05" placeholder:"SHARE" help:"Share of the records that may be rejected before the exit code is 3 (default ${default})."`
	Chunk      int      `placeholder:"N" help:"Records that are checkpointed together (default 256; 32 where the model writes). Changing it computes everything again."`
	Report     string   `placeholder:"FILE" help:"Write what the run measured of itself to FILE, as JSON."`
	Replace    bool     `help:"Let an input take the place of one with the same name and other content."`
	askFlags   `embed:""`
	queryFlags `embed:""`
}

// Help is the second half of pubmine run --help.
func (*runCommand) Help() string {
	return `Each input file is published as a whole or not at all, under DIR/tables. A run that was stopped or killed goes on where it stopped
when it is started again; what is published already is passed over.

` + queryHelp + "\n\n" + exitHelp
}

func (c *runCommand) validate() error {
	switch {
	case c.Limit < 0:
		return usage("--limit %d: give a number of documents, 1 or more", c.Limit)
	case c.Chunk < 0:
		return usage("--chunk %d: give a number of records, 1 or more", c.Chunk)
	case c.MaxRejects < 0 || c.MaxRejects > 1:
		return usage("--max-rejects %v: give a share from 0 to 1", c.MaxRejects)
	}
	return c.queryFlags.validate(c)
}

// Run runs the command.
func (c *runCommand) Run(ctx context.Context, std streams) (err error) {
	if err := c.validate(); err != nil {
		return err
	}
	input, err := c.input(std.err)
	if err != nil {
		return err
	}
	asked, err := c.askFlags.read()
	if err != nil {
		return err
	}
	w, err := build(c.Model, c.Tasks, c.Backend, asked)
	if err != nil {
		return err
	}
	defer w.close()
	options := w.options(c.Chunk)
	log := slog.New(slog.NewTextHandler(std.err, nil))
	sink, err := w.sink(c.Corpus, options, c.Replace, c.online(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	units, err := input.Units(ctx)
	if err != nil {
		return resumable(ctx, err)
	}
	gauge := newRunMetrics(w.engine)
	meter := newMeter(std.err, log, units, gauge)
	p := w.pipeline()
	p.Source, p.Sink, p.Options, p.Hooks = input, sink, options, gauge.watch(meter.Hooks())
	done, err := pipeline.Run(ctx, p)
	meter.Close()
	gauge.over(done)
	measured := gauge.read()
	if err := measured.write(c.Report, done, w.backend, err); err != nil {
		return err
	}
	if err != nil {
		return resumable(ctx, err)
	}
	outcome := outcome{report: done, snapshot: sink.Snapshot(), measured: measured, root: c.Corpus, backend: w.backend}
	if err := outcome.write(std.out); err != nil {
		return err
	}
	return outcome.check(c.MaxRejects)
}

// maxSkips is how many of the files that were left out are named.
const maxSkips = 3

// input resolves the inputs, and says what was left out.
func (c *runCommand) input(w io.Writer) (pipeline.Source, error) {
	if c.online() {
		return c.queryFlags.input(c.Corpus, c.Replace, w)
	}
	files, err := sources.Files(c.Inputs...)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("input: %w", err)
	}
	if err != nil {
		return nil, usage("input: %w", err)
	}
	for i, s := range files.Skipped() {
		if i == maxSkips {
			fmt.Fprintf(w, "pubmine: left out: %d more files\n", len(files.Skipped())-i)
			break
		}
		fmt.Fprintf(w, "pubmine: left out: %s: %s\n", s.Path, s.Reason)
	}
	if c.Limit > 0 {
		return pipeline.Limit(files, c.Limit), nil
	}
	return files, nil
}

// newMeter returns a bar on a terminal, a log elsewhere.
func newMeter(w io.Writer, log *slog.Logger, units []schemas.Unit, g *runMetrics) *progress.Meter {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return progress.NewBar(w, units)
	}
	return progress.NewLog(log, units, g.attributes)
}

// goOn makes of the error of a run that can be gone on with one that says so.
func resumable(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		return stoppedError{context.Cause(ctx)}
	case errors.Is(err, eutils.ErrUnavailable):
		return stoppedError{err}
	case corpus.Temporary(err):
		return fmt.Errorf("%w: run the same command again to go on", err)
	}
	return err
}

// outcome is what a run came to.
type outcome struct {
	report   pipeline.Report
	snapshot corpus.Snapshot
	measured metrics
	root     string
	backend  string
}

// counts are the numbers of rows of the run's inputs, whichever run made them.
func (o *outcome) counts() schemas.Counts {
	var c schemas.Counts
	for _, names := range [][]string{o.report.Done, o.report.Skipped} {
		for _, name := range names {
			if r, ok := o.snapshot.Unit(name); ok {
				c.Merge(r.Counts)
			}
		}
	}
	return c
}

func (o *outcome) write(w io.Writer) error {
	var t view.Table
	t.Counts(o.counts())
	inputs := fmt.Sprintf("%d published", len(o.report.Done))
	if n := len(o.report.Skipped); n > 0 {
		inputs += fmt.Sprintf(", %d published before", n)
	}
	if n := len(o.report.Failed); n > 0 {
		inputs += fmt.Sprintf(", %d not readable", n)
	}
	t.Add("inputs", inputs)
	if n := o.report.Resumed; n > 0 {
		t.Add("resumed", view.Number(int64(n))+" records from checkpoints")
	}
	switch {
	case o.report.Records > 0:
		t.Add("abstracts/s", fmt.Sprintf("%.1f", float64(o.report.Records)/o.measured.Seconds))
		t.Add("backend", o.backend)
		o.measured.lines(&t)
	case len(o.report.Failed) == 0:
		t.Add("new", "nothing to do")
	}
	if len(o.snapshot.Units) == 0 {
		return t.Write(w) // there are no tables to open
	}
	tables := filepath.Join(o.root, "tables")
	t.Add("tables", tables)
	t.Add(
		"open them",
		fmt.Sprintf(`duckdb -c "select type, count(*) from '%s/mentions/**/*.parquet' group by type"`, tables),
	)
	t.Add("or", fmt.Sprintf(`python3 -c "import pandas; print(pandas.read_parquet('%s/mentions'))"`, tables))
	return t.Write(w)
}

// verdict is the error of a run that came to its end.
func (o *outcome) check(allowed float64) error {
	if len(o.report.Failed) > 0 {
		return inputErrors(o.report.Failed)
	}
	c := o.counts()
	rejects, documents := float64(c.Rows["rejects"]), float64(c.Rows["documents"])
	for _, kind := range generate.Kinds() { // the model's mistakes; the records are good
		rejects -= float64(c.Rejects[kind])
	}
	if rejects == 0 {
		return nil
	}
	if share := rejects / (rejects + documents); share > allowed {
		return rejectsError{share: share, allowed: allowed}
	}
	return nil
}
