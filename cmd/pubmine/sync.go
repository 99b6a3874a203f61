package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/bulk"
)

// syncCommand is pubmine sync.
type syncCommand struct {
	Corpus     string   `required:"" placeholder:"DIR" help:"Corpus directory; made if it is not there."`
	BaseURL    string   `name:"base-url" default:"${bulkURL}" placeholder:"URL" help:"Where PubMed's files are (default ${default})."`
	Mirror     string   `placeholder:"DIR" help:"A folder with baseline and updatefiles, in place of a URL."`
	DryRun     bool     `help:"Say what there is to do, and do nothing."`
	Reissued   bool     `help:"Apply files again that were published anew since they were applied."`
	Model      string   `default:"bundled" help:"Model: \"bundled\", or a model directory."`
	Tasks      []string `placeholder:"TASK,..." help:"As for run."`
	Backend    string   `default:"auto" enum:"auto,cpu,xla:cpu,cuda" help:"Backend: ${enum}."`
	MaxRejects float64  `default:"0.05" placeholder:"SHARE" help:"Share of the records that may be rejected before the exit code is 3 (default ${default})."`
	Chunk      int      `placeholder:"N" help:"Records that are checkpointed together (default 256)."`
	Report     string   `placeholder:"FILE" help:"Write what the run measured of itself to FILE, as JSON."`
	askFlags   `embed:""`

	patience bulk.Patience // the default but in tests
}

// Help is the second half of pubmine sync --help.
func (*syncCommand) Help() string {
	return `Applies the yearly baseline and then every update file, in order, each as a whole or not at all. A file is downloaded to DIR/mirror, and
its MD5 compared, before it is read, the next one while it is being read; once it is applied it may be removed from there, its .md5 not. A new baseline is built beside the
release before, which readers see until the new one is complete; then it is removed.

` + exitHelp
}

// Run runs the command.
func (c *syncCommand) Run(ctx context.Context, std streams) error {
	if c.Chunk < 0 || c.MaxRejects < 0 || c.MaxRejects > 1 {
		return usage("--chunk and --max-rejects: give a number of records, 1 or more, and a share from 0 to 1")
	}
	site, err := c.site()
	if err != nil {
		return err
	}
	if c.DryRun {
		err = c.say(ctx, site, std.out)
	} else {
		err = c.sync(ctx, site, std)
	}
	switch {
	case errors.Is(err, bulk.ErrMD5), errors.Is(err, bulk.ErrSidecar):
		return &schemas.BadInputError{Path: "sync", Err: err}
	case err != nil && ctx.Err() == nil && bulk.Temporary(err):
		return stoppedError{err}
	}
	return resumable(ctx, err)
}

func (c *syncCommand) site() (bulk.Site, error) {
	if c.Mirror != "" {
		return bulk.OpenMirror(c.Mirror), nil
	}
	site, err := bulk.OpenRemote(c.BaseURL, filepath.Join(c.Corpus, "mirror"), c.patience)
	if err != nil {
		return nil, usage("--base-url %w", err)
	}
	return site, nil
}

// say lists what there is to do.
func (c *syncCommand) say(ctx context.Context, site bulk.Site, w io.Writer) error {
	var snapshot corpus.Snapshot
	opened, err := corpus.Open(c.Corpus)
	if err == nil {
		snapshot, err = opened.Snapshot()
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	plan, err := newSyncPlan(ctx, site, &snapshot, c.Reissued)
	if err != nil {
		return err
	}
	t := view.Table{}
	t.Add("release", plan.Release)
	t.Add("published", fmt.Sprintf("%d files, %d of them the baseline", len(plan.Files), plan.Baseline))
	t.Add("to apply", len(plan.pending()))
	for _, f := range plan.pending() {
		t.Add("  "+f.Unit(), f.Folder)
	}
	return t.Write(w)
}

// sync applies what there is to do.
func (c *syncCommand) sync(ctx context.Context, site bulk.Site, std streams) (err error) {
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
	sink, err := w.sink(c.Corpus, options, c.Reissued, false, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	s := &syncer{
		site: &bulk.Ahead{Site: site}, sink: sink, works: w, options: options, log: log, err: std.err,
		gauge: newRunMetrics(w.engine),
	}
	done, err := s.run(ctx, c.Reissued)
	if err := s.gauge.read().write(c.Report, s.report, w.backend, err); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	done.root = c.Corpus
	if err := done.write(std.out); err != nil {
		return err
	}
	return done.check(c.MaxRejects)
}
