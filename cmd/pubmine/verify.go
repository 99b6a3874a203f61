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
	Quick  bool `help:"Check no rows."`
	Repair bool `help:"Restore what is damaged or lost."`
}

// Help is the description in pubmine verify --help.
func (*verifyCommand) Help() string {
	return example("pubmine verify --corpus C", "pubmine verify --corpus C --repair") + `

Reads everything below the directory and compares it with the log of the corpus: sizes and digests
of the data files, the log and its copy, Delta logs, links, checkpoints, frozen queries. Then reads
all rows: their numbers, keys, offsets, and references between tables. Prints one line for each
problem, and for each file that belongs to nothing; the exit code is 1 if there is any. A run or
sync may write to the corpus meanwhile.

--repair restores what is damaged or lost: each file of the log from its copy or the copy from the
file; Delta logs, links and corpus.json from the log; data files from their links or, with the model
that made them, from the inputs of their units, byte for byte. It prints what it restored and what
is still wrong, and for a data file that it cannot compute again which input or model is needed. No
other run or sync may write to the corpus meanwhile. Files that belong to nothing stay.`
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
	if c.Repair {
		return jobs.Repair(ctx, jobs.RepairOptions{
			Corpus: c.root(), Verify: o, Progress: runOptions(c.root(), false, false, std.err),
			Log: func(line string) { inert.Fprintf(std.out, "%s\n", line) },
		})
	}
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
	switch n := len(r.Problems); n {
	case 0:
	case 1:
		return fmt.Errorf("corpus %s: 1 problem", c.root())
	default:
		return fmt.Errorf("corpus %s: %d problems", c.root(), n)
	}
	_, err := inert.Fprintf(std.out, "corpus %s: no problems in %s\n", c.root(), amount(r.Files, r.Bytes))
	return err
}
