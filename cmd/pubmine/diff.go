package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/diff"
)

// documentsShown is the number of documents that changed most in the output of pubmine diff.
const documentsShown = 10

// diffCommand is pubmine diff.
type diffCommand struct {
	Editions []int `arg:"" optional:"" name:"edition" help:"Numbers of two editions, the one before first. One number: compare it with the current edition. None: compare the current edition with the one being built, or with the newest kept one."`
	corpusFlag
	Examples flags.Natural `default:"2" placeholder:"N" help:"Examples for each type and kind of change (default ${default})."`
	JSON     bool          `name:"json" help:"Print JSON."`
	Output   flags.Name    `placeholder:"FILE" help:"Also write every difference to a new Parquet file."`
}

// Help is the description in pubmine diff --help.
func (*diffCommand) Help() string {
	return example("pubmine diff 1 2 --corpus C", "pubmine diff --corpus C --json | jq '.tables[] | {table, agreement}'",
		"pubmine diff 1 2 --corpus C --output changes.parquet") + `

Shows what an upgrade of the model, the tasks or a stage changed in the documents that both editions
have with the same text: for each type the items that are the same, lost and gained, those with
another span or type, the shift of the scores (after - before) of those that are the same, examples,
and the documents that changed most. Agreement is the F1 score of one edition against the other.

"go doc github.com/pubmine/pubmine/jobs/diff" describes how items are matched, the JSON and the
columns of the Parquet file.`
}

// Run runs the command.
func (c *diffCommand) Run(ctx context.Context, std streams) (err error) {
	opened, err := corpus.Open(c.root())
	if err != nil {
		return err
	}
	s, err := opened.Snapshot()
	if err != nil {
		return err
	}
	before, after, err := c.choose(&s)
	if err != nil {
		return fmt.Errorf("corpus %s: %w", c.root(), err)
	}
	o := diff.Options{Examples: int(c.Examples), Documents: documentsShown, Progress: logProgress(std.err)}
	var file *diff.Writer
	if c.Output != "" {
		if file, err = diff.NewWriter(string(c.Output)); err != nil {
			return err
		}
		defer file.Discard()
		o.Each = file.Write
	}
	result, err := diff.Compare(ctx, opened.Path, before, after, o)
	if err != nil {
		if ctx.Err() != nil {
			return exit.Stopped(ctx)
		}
		return fmt.Errorf("corpus %s: %w", c.root(), err)
	}
	if file != nil {
		if err := file.Publish(); err != nil {
			return err
		}
	}
	result.Before.State, result.After.State = s.State(before), s.State(after)
	if c.JSON {
		return printJSON(std.out, result)
	}
	if err := (view.Diff{Corpus: c.root(), Result: result}).Write(std.out); err != nil || file == nil {
		return err
	}
	_, err = inert.Fprintf(std.out, "\ndifferences: %s, %d rows\n", c.Output, file.Rows())
	return err
}

// logProgress returns a function that logs the progress of a comparison after five seconds, and
// then every 30.
func logProgress(w io.Writer) func(done, all int64) {
	log, next := slog.New(slog.NewTextHandler(w, nil)), time.Now().Add(5*time.Second)
	return func(done, all int64) {
		if now := time.Now(); now.After(next) {
			log.Info("progress", "documents", done, "of", all)
			next = now.Add(30 * time.Second)
		}
	}
}

// choose returns the editions that the command names, or those that it means without names: the
// older one first.
func (c *diffCommand) choose(s *corpus.Snapshot) (before, after *corpus.Edition, err error) {
	if len(s.Editions) == 0 {
		return nil, nil, exit.UsageError{Err: corpus.ErrNothingPublished}
	}
	chosen := make([]*corpus.Edition, len(c.Editions))
	for i, id := range c.Editions {
		if chosen[i] = s.Edition(id); chosen[i] == nil {
			return nil, nil, exit.Usage("edition %d does not exist: see pubmine edition list", id)
		}
	}
	switch seen := s.Seen(); {
	case len(chosen) > 2:
		return nil, nil, exit.Usage("%d editions: give two", len(chosen))
	case len(chosen) == 2 && chosen[0] == chosen[1]:
		return nil, nil, exit.Usage("edition %d and itself do not differ: give two editions", c.Editions[0])
	case len(chosen) == 2:
		return chosen[0], chosen[1], nil
	case len(s.Editions) == 1:
		return nil, nil, exit.Usage("it has only edition %d: a run with another model or other settings makes another",
			s.Editions[0].ID)
	case len(chosen) == 1 && chosen[0].ID == seen.ID:
		return nil, nil, exit.Usage("edition %d is the current one: give another one to compare it with", seen.ID)
	case len(chosen) == 1:
		before, after = chosen[0], seen
	default:
		before, after = other(s, seen), seen
	}
	if before.ID > after.ID {
		before, after = after, before
	}
	return before, after, nil
}

// other returns the edition that is compared with the current one: the newest that is being built,
// or the newest one that is kept.
func other(s *corpus.Snapshot, seen *corpus.Edition) *corpus.Edition {
	if e := s.Target(); e.ID != seen.ID {
		return e
	}
	for i := len(s.Editions) - 1; i >= 0; i-- {
		if s.Editions[i].ID != seen.ID {
			return &s.Editions[i]
		}
	}
	return seen
}
