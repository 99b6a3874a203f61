package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/progress"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// runCommand is pubmine run.
type runCommand struct {
	Inputs []string `arg:"" optional:"" help:"PubMed XML, plain or gzip: files, directories, globs; - is standard input."`
	corpusFlag
	Limit        flags.Positive `placeholder:"N" help:"Take only the first N documents."`
	Replace      bool           `help:"Let an input replace one with the same name and other content."`
	planFlags    `embed:""`
	requestFlags `embed:""`
	queryFlags   `embed:""`

	skipped []sources.Skip
}

// Help is the second half of pubmine run --help.
func (*runCommand) Help() string {
	return `Example:

    pubmine run pubmed/*.xml.gz --corpus C
    pubmine run pubmed/*.xml.gz --corpus C --dry-run

Each input file is published as a whole or not at all, under DIR/tables. A run that was stopped or
killed continues when it is started again; inputs that are published already are skipped.

` + planHelp + `

` + queryHelp
}

func (c *runCommand) validate() error {
	if err := c.planFlags.validate(&c.requestFlags); err != nil {
		return err
	}
	return c.queryFlags.validate(c)
}

// Run runs the command.
func (c *runCommand) Run(ctx context.Context, std streams) error {
	if err := c.validate(); err != nil {
		return err
	}
	request, err := c.request(c.root())
	if err != nil {
		return err
	}
	input, err := c.input(std.err)
	if err != nil {
		return err
	}
	components, err := jobs.Build(request)
	if err != nil {
		return err
	}
	defer components.Close()
	options := runOptions(c.root(), c.Replace, c.DropTables, std.err)
	if c.DryRun {
		plan, err := jobs.PlanRun(ctx, input, components, options, !c.NoEstimate)
		return c.finishPlan(plan, err, c.skipped, &c.requestFlags, std.out)
	}
	done, err := jobs.Run(ctx, input, components, options)
	done.Metrics.SkippedFiles = c.skipped
	return c.finish(&done, err, c.root(), std.out)
}

// finish writes the report of a job, prints its outcome, and returns its error.
func (f *requestFlags) finish(o *jobs.Outcome, err error, root string, w io.Writer) error {
	if err := errors.Join(err, f.writeReport(o.Metrics, err)); err != nil {
		return err
	}
	if err := printOutcome(w, o, root); err != nil {
		return err
	}
	return checkOutcome(o, float64(f.MaxRejects))
}

// runOptions returns options that log to w and show progress there: a bar on a terminal, a line
// now and then elsewhere.
func runOptions(root string, replace, drop bool, w io.Writer) jobs.RunOptions {
	log := slog.New(slog.NewTextHandler(w, nil))
	lines := progress.NewLines(log)
	return jobs.RunOptions{
		Corpus: root, Replace: replace, DropTables: drop, Log: func(line string) { log.Info(line) },
		Progress: func(units []schemas.Unit, m *jobs.Meter) (pipeline.Hooks, func()) {
			var show *progress.Meter
			if f := terminal(w); f != nil {
				show = progress.NewBar(f, units)
			} else {
				show = lines.Log(units, m.Attributes)
			}
			return show.Hooks(), show.Close
		},
	}
}

// maxSkips is how many of the skipped files are named.
const maxSkips = 3

// input resolves the inputs, and names files that are skipped.
func (c *runCommand) input(w io.Writer) (pipeline.Source, error) {
	if c.online() {
		return c.queryFlags.input(c.root(), c.Replace, w)
	}
	files, err := sources.Files(c.Inputs...)
	if err != nil {
		return nil, exit.Usage("input: %w", err)
	}
	c.skipped = files.Skipped()
	for _, s := range c.skipped[:min(maxSkips, len(c.skipped))] {
		inert.Fprintf(w, "pubmine: %s\n", s)
	}
	if n := len(c.skipped) - maxSkips; n > 0 {
		list := "--report FILE"
		if c.DryRun {
			list = "--json"
		}
		inert.Fprintf(w, "pubmine: skipped %d more files: %s lists all\n", n, list)
	}
	if c.Limit > 0 {
		return pipeline.Limit(files, int(c.Limit)), nil
	}
	return files, nil
}
