package main

import (
	"context"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/sources/bulk"
	"github.com/pubmine/pubmine/sources/fetch"
)

// syncCommand is pubmine sync.
type syncCommand struct {
	corpusFlag
	BaseURL      string     `name:"base-url" default:"${bulkURL}" placeholder:"URL" help:"URL of PubMed's files (default ${default})."`
	Mirror       flags.Name `placeholder:"DIR" help:"Directory with baseline and updatefiles, in place of a URL."`
	Reissued     bool       `help:"Apply files again that were reissued since they were applied."`
	planFlags    `embed:""`
	requestFlags `embed:""`

	patience fetch.Patience // the default except in tests
}

// Help is the second half of pubmine sync --help.
func (*syncCommand) Help() string {
	return `Example, as a nightly cron job:

    0 3 * * *  pubmine sync --corpus /data/C

Applies the yearly baseline and then every update file, in order, each as a whole or not at all. A
file is downloaded to DIR/mirror and its MD5 compared before it is read, while the file before it is
processed. Once it is applied it may be removed from there, its .md5 not. A new baseline is built
beside the release before, which readers see until the new one is complete. At the end files are
removed that were replaced more than a week ago, as pubmine gc does.`
}

// Run runs the command.
func (c *syncCommand) Run(ctx context.Context, std streams) error {
	if err := c.planFlags.validate(&c.requestFlags); err != nil {
		return err
	}
	request, err := c.request(c.root())
	if err != nil {
		return err
	}
	site, err := c.site()
	if err != nil {
		return err
	}
	components, err := jobs.Build(request)
	if err != nil {
		return err
	}
	defer components.Close()
	options := runOptions(c.root(), c.Reissued, c.DropTables, std.err)
	if c.DryRun {
		plan, err := jobs.PlanSync(ctx, site, components, options, !c.NoEstimate)
		return c.finishPlan(plan, err, nil, &c.requestFlags, std.out)
	}
	done, err := jobs.Sync(ctx, site, components, options)
	return c.finish(&done, err, c.root(), std.out)
}

func (c *syncCommand) site() (bulk.Site, error) {
	if c.Mirror != "" {
		return bulk.OpenMirror(string(c.Mirror)), nil
	}
	site, err := bulk.OpenRemote(c.BaseURL, store.New(filepath.Join(c.root(), "mirror"), nil), c.patience)
	if err != nil {
		return nil, exit.Usage("--base-url: %w", err)
	}
	return site, nil
}
