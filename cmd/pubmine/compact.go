package main

import (
	"context"
	"fmt"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// compactCommand is pubmine compact.
type compactCommand struct {
	corpusFlag
	Size   flags.Positive `default:"256" placeholder:"MIB" help:"Size of the parts to make, all tables together, in MiB (default ${default})."`
	DryRun bool           `help:"Print what would be merged, and merge nothing."`
}

// Help is the second half of pubmine compact --help.
func (*compactCommand) Help() string {
	return example("pubmine compact --corpus C") + `

Merges the small files of the edition that readers see into larger ones, sorted by PMID: programs
open fewer files, and find the rows of a PMID faster. No row changes. A run and readers may be at
work meanwhile. The merged files are kept for readers of earlier versions until pubmine gc removes
them, so that the disk holds both for a week.`
}

// Run runs the command.
func (c *compactCommand) Run(ctx context.Context, std streams) error {
	return manage(c.root(), std, func(m *corpus.Manager) error {
		done, err := m.Compact(ctx, int64(c.Size)<<20, c.DryRun)
		if err != nil {
			return err
		}
		t := view.Table{}
		name := "merged"
		if c.DryRun {
			name = "would be merged"
		}
		what := "nothing: no two parts are small enough"
		if done.Parts > 0 {
			what = fmt.Sprintf("%s parts of %s bytes into %s", view.Number(int64(done.Parts)), view.Number(done.Bytes),
				view.Number(int64(done.Into)))
		}
		t.Add(name, what)
		if done.Left > 0 {
			left := view.Number(int64(done.Left))
			t.Add("left", left+" parts, which are damaged or were replaced meanwhile")
		}
		return t.Write(std.out)
	})
}
