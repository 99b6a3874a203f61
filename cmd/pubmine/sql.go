package main

import (
	"io"

	"github.com/pubmine/pubmine/jobs/corpus"
)

// sqlCommand is pubmine sql.
type sqlCommand struct {
	corpusFlag
}

// Help is the second half of pubmine sql --help.
func (*sqlCommand) Help() string {
	return `Example:

    pubmine sql --corpus DIR | duckdb my.db
    duckdb my.db -c "select type, count(*) from mentions_current group by type"

The views show one revision of each record, the one of the latest date, and no deleted ones. They
remain valid as the corpus grows.`
}

// Run runs the command.
func (c *sqlCommand) Run(std streams) error {
	opened, err := corpus.Open(c.root())
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
