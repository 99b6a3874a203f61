package main

import (
	"context"
	"fmt"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/models"
	"github.com/pubmine/pubmine/sources/fetch"
	"github.com/pubmine/pubmine/sources/hub"
)

// modelPullCommand is pubmine model pull.
type modelPullCommand struct {
	Name     flags.Name `arg:"" help:"biogpt, biogpt-large, biogpt-large-pubmedqa, or a model of the Hub as owner/name."`
	Revision flags.Name `help:"Commit, branch or tag (default: the pinned one)."`
	URL      flags.Name `name:"url" env:"PUBMINE_HUB_URL" default:"${hubURL}" help:"Address of the Hub or of a mirror (default ${default})."`

	patience fetch.Patience // the default except in tests
}

// Help is the description in pubmine model pull --help.
func (*modelPullCommand) Help() string {
	return example("pubmine model pull biogpt") + `

The model goes to the directory PUBMINE_MODELS, by default pubmine/models in the user's data
directory; other commands find it by its name. An interrupted download continues when the command
is run again.`
}

// Run runs the command.
func (c *modelPullCommand) Run(ctx context.Context, std streams) error {
	published, err := hub.Find(string(c.Name))
	if err != nil {
		return exit.UsageError{Err: err}
	}
	client, err := hub.New(string(c.URL), c.patience)
	if err != nil {
		return exit.Usage("--url: %w", err)
	}
	dir, err := models.Pull(ctx, models.Download{
		Model: published, Revision: string(c.Revision), Client: client,
		Report: func(format string, args ...any) { inert.Fprintf(std.err, format+"\n", args...) },
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return exit.Stopped(ctx)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintln(std.out, dir)
	return err
}
