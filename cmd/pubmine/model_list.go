package main

import (
	"cmp"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/model/catalog"
)

// modelListCommand is pubmine model list.
type modelListCommand struct{}

// Help is the description in pubmine model list --help.
func (*modelListCommand) Help() string { return example("pubmine model list") }

// Run runs the command.
func (c *modelListCommand) Run(std streams) error {
	names, err := catalog.Names()
	if err != nil {
		return err
	}
	out := tableWriter(std.out)
	for _, name := range append([]string{catalog.Bundled}, names...) {
		m, err := catalog.Resolve(name)
		if err != nil {
			inert.Fprintf(std.err, "pubmine: skipped %v\n", err)
			continue
		}
		tasks := cmp.Or(strings.Join(m.Card.Tasks, ","), "no tasks")
		inert.Fprintf(out, "%s\t%s\t%s\t%s\n", name, m.ID(), tasks, m.Card.Licence)
	}
	return out.Flush()
}
