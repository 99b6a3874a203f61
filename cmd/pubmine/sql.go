package main

import (
	"io"

	"github.com/pubmine/pubmine/jobs/corpus"
)

// sqlCommand is pubmine sql.
type sqlCommand struct {
	Corpus string `required:"" placeholder:"DIR" help:"Corpus directory."`
}

// Help is the second half of pubmine sql --help.
func (*sqlCommand) Help() string {
	return `The views leave out what later files revised or deleted, and what no snapshot lists. They stay right as the corpus grows:

    pubmine sql --corpus DIR | duckdb my.db
    duckdb my.db -c "select type, count(*) from mentions_current group by type"`
}

// Run runs the command.
func (c *sqlCommand) Run(std streams) error {
	opened, err := corpus.Open(c.Corpus)
	if err != nil {
		return err
	}
	views, err := opened.Views()
	if err != nil {
		return err
	}
	_, err = io.WriteString(std.out, views)
	return err
}
