package main

import (
	"fmt"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// verifyCommand is pubmine verify.
type verifyCommand struct {
	corpusFlag
}

// Help is the description in pubmine verify --help.
func (*verifyCommand) Help() string {
	return example("pubmine verify --corpus C") + `

Reads every published file and compares it with the size and sha256 in the corpus's records.
Prints one line for each file that is missing, changed, or does not belong to the corpus; the exit
code is 1 if there is any. Do not run it while a run or sync writes to the corpus.`
}

// Run runs the command.
func (c *verifyCommand) Run(std streams) error {
	opened, err := corpus.Open(c.root())
	if err != nil {
		return err
	}
	problems, err := opened.Verify()
	if err != nil {
		return err
	}
	for _, p := range problems {
		inert.Fprintf(std.out, "%v\n", p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("corpus %s: %d problems", c.root(), len(problems))
	}
	_, err = inert.Fprintf(std.out, "corpus %s: no problems\n", c.root())
	return err
}
