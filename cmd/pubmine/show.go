package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// showCommand is pubmine show.
type showCommand struct {
	PMID int32 `arg:"" name:"pmid" help:"PubMed identifier."`
	corpusFlag
}

// Help is the second half of pubmine show --help.
func (*showCommand) Help() string {
	return "Example:\n\n    pubmine show --corpus C 99000002"
}

// Run runs the command.
func (c *showCommand) Run(std streams) error {
	opened, err := corpus.Open(c.root())
	if err != nil {
		return err
	}
	current, err := opened.Current()
	if err != nil {
		return err
	}
	rows, err := opened.Find(current, schemas.PMID(c.PMID))
	if err != nil {
		return err
	}
	if rows == nil {
		return exit.Usage("PMID %d: not in corpus %s", c.PMID, c.root())
	}
	return abstractOf(rows).Write(unguarded(std.out), styleOf(std.out))
}

func abstractOf(r *schemas.Rows) view.Abstract {
	return view.Abstract{
		Document: r.Documents[0], Mentions: r.Mentions, Relations: r.Relations,
		Summaries: r.Summaries, Answers: r.Answers, Labels: r.Labels,
	}
}

// styleOf asks a terminal for its width; other outputs get neither colours nor wrapping.
func styleOf(w io.Writer) view.Style {
	f := terminal(w)
	if f == nil {
		return view.Style{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return view.Style{Color: os.Getenv("NO_COLOR") == "", Width: min(width, 120)}
}
