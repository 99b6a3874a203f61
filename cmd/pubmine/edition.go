package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// editionCommand groups the commands about editions.
type editionCommand struct {
	List editionListCommand `cmd:"" help:"List the editions of a corpus."`
	Use  editionUseCommand  `cmd:"" exits:"75" help:"Let readers see another edition."`
	Drop editionDropCommand `cmd:"" exits:"75" help:"Remove an edition that readers do not see."`
}

// Help is the description in pubmine edition --help.
func (*editionCommand) Help() string {
	return example("pubmine edition list --corpus C") + `

An edition is a complete set of results of one configuration: a model, tasks, questions, versions of
the stages. A run with another configuration writes another edition beside the current one.`
}

// editionListCommand is pubmine edition list.
type editionListCommand struct{ corpusFlag }

// Help is the description in pubmine edition list --help.
func (*editionListCommand) Help() string { return example("pubmine edition list --corpus C") }

// Run runs the command.
func (c *editionListCommand) Run(std streams) error {
	s, err := corpus.ReadSnapshot(c.root())
	if err != nil {
		return err
	}
	t := &view.Table{}
	for i := range s.Editions {
		e := &s.Editions[i]
		t.Add(fmt.Sprintf("%d %s", e.ID, s.State(e)), describeEdition(e))
	}
	return t.Write(std.out)
}

// describeEdition returns what made an edition, and its size.
func describeEdition(e *corpus.Edition) string {
	parts := []string{
		"model " + cmp.Or(e.Model(), "none"), "tasks " + cmp.Or(strings.Join(e.Configuration.Tasks, ","), "none"),
		fmt.Sprintf("%s documents in %s units", view.Number(e.Counts().Rows["documents"]),
			view.Number(int64(len(e.Units())))),
		"begun " + e.Created.Format("2006-01-02"),
	}
	if e.Release != "" {
		parts = append(parts, "release "+e.Release)
	}
	return strings.Join(parts, ", ")
}

// editionUseCommand is pubmine edition use.
type editionUseCommand struct {
	ID int `arg:"" name:"edition" help:"Number of the edition."`
	corpusFlag
	Incomplete bool `help:"Also if the edition lacks units of the current one."`
}

// Help is the description in pubmine edition use --help.
func (*editionUseCommand) Help() string {
	return example("pubmine edition use 1 --corpus C") + `

Nothing is computed or copied: going back to an earlier edition takes a moment.`
}

// Run runs the command.
func (c *editionUseCommand) Run(std streams) error {
	return manage(c.root(), std, func(m *corpus.Manager) error {
		if err := m.Use(c.ID, c.Incomplete); err != nil {
			return err
		}
		_, err := inert.Fprintf(std.out, "corpus %s: readers see edition %d\n", c.root(), c.ID)
		return err
	})
}

// editionDropCommand is pubmine edition drop.
type editionDropCommand struct {
	ID int `arg:"" name:"edition" help:"Number of the edition."`
	corpusFlag
}

// Help is the description in pubmine edition drop --help.
func (*editionDropCommand) Help() string {
	return example("pubmine edition drop 1 --corpus C") + `

Its files are kept for readers of earlier versions until pubmine gc removes them.`
}

// Run runs the command.
func (c *editionDropCommand) Run(std streams) error {
	return manage(c.root(), std, func(m *corpus.Manager) error {
		if err := m.Drop(c.ID); err != nil {
			return err
		}
		_, err := inert.Fprintf(std.out, "corpus %s: edition %d is dropped: pubmine gc frees its space\n", c.root(), c.ID)
		return err
	})
}

// manage opens a corpus for management.
func manage(root string, std streams, do func(*corpus.Manager) error) (err error) {
	log := slog.New(slog.NewTextHandler(std.err, nil))
	m, err := corpus.Manage(root, corpus.Options{Log: func(line string) { log.Info(line) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	err = do(m)
	if wrong := (*corpus.EditionError)(nil); errors.As(err, &wrong) {
		return exit.UsageError{Err: err}
	}
	return err
}
