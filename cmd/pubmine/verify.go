package main

import (
	"context"
	"fmt"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/progress"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/verify"
)

// verifyCommand is pubmine verify.
type verifyCommand struct {
	corpusFlag
	Quick bool `help:"Check no rows."`
}

// Help is the description in pubmine verify --help.
func (*verifyCommand) Help() string {
	return example("pubmine verify --corpus C") + `

Reads everything below the directory and compares it with the log of the corpus: sizes and digests
of the data files, the log and its copy, Delta logs, links, checkpoints, frozen queries. Then reads
all rows: their numbers, keys, offsets, and references between tables. Prints one line for each
problem, and for each file that belongs to nothing; the exit code is 1 if there is any. A run or
sync may write to the corpus meanwhile.`
}

// Run runs the command.
func (c *verifyCommand) Run(ctx context.Context, std streams) error {
	r, err := c.check(ctx, std)
	if err != nil {
		return err
	}
	return c.print(r, std)
}

// check verifies the corpus, with progress on a terminal.
func (c *verifyCommand) check(ctx context.Context, std streams) (*verify.Report, error) {
	o := verify.Options{Quick: c.Quick}
	if f := terminal(std.err); f != nil {
		show, end := progress.Bytes(f, "verify")
		defer end()
		o.Progress = show
	}
	r, err := verify.Check(ctx, c.root(), o)
	return r, jobs.Resumable(ctx, err)
}

// print prints the problems.
func (c *verifyCommand) print(r *verify.Report, std streams) error {
	for _, p := range r.Problems {
		inert.Fprintf(std.out, "%v\n", p)
	}
	for _, note := range r.Notes {
		inert.Fprintf(std.out, "%s\n", note)
	}
	if n := len(r.Problems); n > 0 {
		return fmt.Errorf("corpus %s: %d problems", c.root(), n)
	}
	_, err := inert.Fprintf(std.out, "corpus %s: no problems in %s\n", c.root(), amount(r.Files, r.Bytes))
	return err
}
