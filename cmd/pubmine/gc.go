package main

import (
	"fmt"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// gcCommand is pubmine gc.
type gcCommand struct {
	corpusFlag
	OlderThan time.Duration `default:"168h" placeholder:"TIME" help:"Keep files that were replaced within this time, such as 24h (default ${default}, a week)."`
	DryRun    bool          `help:"Print what would be removed, and remove nothing."`
}

// Help is the description in pubmine gc --help.
func (*gcCommand) Help() string {
	return example("pubmine gc --corpus C") + `

Files that were replaced or dropped are kept for readers of earlier versions of the corpus. This
command removes those that have been kept long enough; earlier versions of the Delta tables that
need them can no longer be read.`
}

// Run runs the command.
func (c *gcCommand) Run(std streams) error {
	if c.OlderThan < 0 {
		return exit.Usage("--older-than %v: give a time of 0s or more", c.OlderThan)
	}
	return manage(c.root(), std, func(m *corpus.Manager) error {
		g, err := m.Collect(c.OlderThan, c.DryRun)
		if err != nil {
			return err
		}
		name := "removed"
		if c.DryRun {
			name = "would be removed"
		}
		t := view.Table{}
		t.Add(name, amount(g.Files, g.Bytes))
		t.Add("kept", amount(g.Kept, g.KeptBytes)+fmt.Sprintf(", replaced within %v", c.OlderThan))
		return t.Write(std.out)
	})
}

func amount(files int, bytes int64) string {
	return fmt.Sprintf("%s files, %s bytes", view.Number(int64(files)), view.Number(bytes))
}
