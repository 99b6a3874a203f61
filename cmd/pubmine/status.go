package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/status"
	"github.com/pubmine/pubmine/schemas"
)

// minInterval is the shortest time between two outputs of status --watch.
const minInterval = 100 * time.Millisecond

// statusCommand is pubmine status.
type statusCommand struct {
	corpusFlag
	Units    bool          `xor:"what" help:"List every unit, too."`
	Config   bool          `xor:"what" help:"Print the configurations of the units as JSON: everything that can change a row."`
	Rejects  bool          `xor:"what" help:"Print the rejected records and annotations, a line each, with the reason."`
	JSON     bool          `name:"json" help:"Print JSON: fields as in \"go doc github.com/pubmine/pubmine/jobs/status.Status\"."`
	Watch    bool          `help:"Print the status again and again until Ctrl-C."`
	Interval time.Duration `default:"2s" placeholder:"DURATION" help:"Time between two outputs of --watch (default ${default})."`
}

// Help is the second half of pubmine status --help.
func (*statusCommand) Help() string {
	return example("pubmine status --corpus C", "pubmine status --corpus C --watch",
		"pubmine status --corpus C --json | jq .documents.current", "pubmine status --corpus C --rejects",
		"pubmine status --corpus C --config | jq '.[].configuration.stages'") + `

Needs no lock, so it works beside a run. A problem in the corpus, such as a missing file, is a line of
the output, and the exit code is 1. --rejects prints unit, record, PMID, stage, kind and message,
separated by tabs. Inputs that cannot be read are not in the corpus: see --report of run and sync.`
}

// Run runs the command.
func (c *statusCommand) Run(ctx context.Context, std streams) error {
	switch {
	case c.Interval < minInterval:
		return exit.Usage("--interval %v: give a time of %v or more", c.Interval, minInterval)
	case c.Config:
		return c.printConfigurations(std.out)
	case c.Rejects:
		return c.printRejects(std.out)
	case c.Watch:
		return c.watch(ctx, std.out)
	}
	st, err := status.NewReader(c.root()).Read(ctx)
	if err != nil {
		return jobs.Resumable(ctx, err)
	}
	if err := c.print(st, std.out); err != nil {
		return err
	}
	return problemsOf(c.root(), st)
}

func (c *statusCommand) print(st *status.Status, w io.Writer) error {
	if c.JSON {
		return printJSON(w, st)
	}
	t := statusTable(st)
	if c.Units {
		if err := addUnits(t, c.root()); err != nil {
			return err
		}
	}
	return t.Write(w)
}

// clear puts the cursor of a terminal into the upper left corner of an empty screen.
const clear = "\x1b[H\x1b[2J"

// watch prints the status until the context ends, which is no error.
func (c *statusCommand) watch(ctx context.Context, w io.Writer) error {
	reader := status.NewReader(c.root())
	tick := time.NewTicker(c.Interval)
	defer tick.Stop()
	for n := 0; ; n++ {
		st, err := reader.Read(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case terminal(w) != nil:
			_, err = io.WriteString(unguarded(w), clear)
		case n > 0 && !c.JSON:
			_, err = io.WriteString(w, "\n")
		}
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(w).Encode(st)
		} else {
			err = c.print(st, w)
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// printRejects prints the rejects of the current edition.
func (c *statusCommand) printRejects(w io.Writer) error {
	out := json.NewEncoder(w)
	return status.Rejects(c.root(), func(r schemas.RejectRow) error {
		if c.JSON {
			return out.Encode(rejectOf(r))
		}
		record := ""
		if r.Record != nil {
			record = view.Number(int64(*r.Record))
		}
		_, err := inert.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", r.Unit, record, r.PMID, r.Stage, r.Kind, r.Message)
		return err
	})
}

// reject is a row of status --rejects --json.
type reject struct {
	Unit    string `json:"unit"`
	Record  *int32 `json:"record"`
	PMID    int32  `json:"pmid"`
	Version int16  `json:"version"`
	Stage   string `json:"stage"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func rejectOf(r schemas.RejectRow) reject {
	return reject{r.Unit, r.Record, r.PMID, r.Version, r.Stage, r.Kind, r.Message}
}

// configurationOf is an edition in the output of status --config.
type configurationOf struct {
	Edition       int                   `json:"edition"`
	Fingerprint   string                `json:"fingerprint"`
	Configuration *corpus.Configuration `json:"configuration"`
	Units         []string              `json:"units"`
}

func (c *statusCommand) printConfigurations(w io.Writer) error {
	s, err := corpus.ReadSnapshot(c.root())
	if err != nil {
		return err
	}
	all := []configurationOf{}
	for i := range s.Editions {
		e := &s.Editions[i]
		c := configurationOf{e.ID, e.Fingerprint, e.Configuration, []string{}}
		for _, r := range e.Units() {
			c.Units = append(c.Units, r.Unit)
		}
		all = append(all, c)
	}
	return printJSON(w, all)
}
