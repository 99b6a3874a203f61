package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/doctor"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
)

// doctorCommand is pubmine doctor.
type doctorCommand struct {
	JSON    bool          `name:"json" help:"Print JSON."`
	Measure time.Duration `default:"2s" placeholder:"TIME" help:"Time to measure each backend for; 0 skips it (default ${default})."`
	Probe   string        `hidden:"" help:"Open one backend in this process and print the result as JSON."`
	Plugin  string        `hidden:"" help:"The plugin that --probe opens."`
}

// Help is the description in pubmine doctor --help.
func (*doctorCommand) Help() string {
	return example("pubmine doctor") + `

Opens every backend and every plugin that is found, each in a process of its own, and measures how
fast it multiplies matrices. It changes nothing and needs no network.`
}

// Run runs the command.
func (c *doctorCommand) Run(ctx context.Context, std streams) error {
	if c.Measure < 0 {
		return exit.Usage("--measure %v: give a time, such as 2s, or 0", c.Measure)
	}
	if c.Probe != "" {
		return json.NewEncoder(std.out).Encode(doctor.Probe(c.Probe, c.Plugin, c.Measure))
	}
	d := doctor.Diagnose(ctx, programVersion(), c.Measure)
	if ctx.Err() != nil {
		return exit.Stopped(ctx)
	}
	if c.JSON {
		return printJSON(std.out, d)
	}
	return d.Write(unguarded(std.out), styleOf(std.out))
}
