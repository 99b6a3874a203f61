package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/cmd/view"
	"github.com/pubmine/pubmine/jobs"
)

// statusCommand is pubmine status.
type statusCommand struct {
	Corpus string `required:"" placeholder:"DIR" help:"Corpus directory."`
	Units  bool   `help:"Name every unit, too."`
}

// Run runs the command.
func (c *statusCommand) Run(std streams) error {
	corpus, err := jobs.Open(c.Corpus)
	if err != nil {
		return err
	}
	s, err := corpus.Snapshot()
	if err != nil {
		return err
	}
	return statusOf(&s, c.Units).Write(std.out)
}

// statusOf lays out what a snapshot holds.
func statusOf(s *jobs.Snapshot, units bool) *view.Table {
	t := &view.Table{}
	t.Counts(s.Counts())
	t.Add("snapshot", s.Number)
	t.Add("units", len(s.Units))
	var models []string
	for i := range s.Units {
		r := &s.Units[i]
		if r.Model != "" && !slices.Contains(models, r.Model) {
			models = append(models, r.Model)
		}
		if units {
			t.Add("  "+r.Unit, fmt.Sprintf("%s documents, %s rejects, PMID %d to %d",
				view.Number(r.Counts.Rows["documents"]), view.Number(r.Counts.Rows["rejects"]), r.FirstPMID, r.LastPMID))
		}
	}
	if len(models) > 0 {
		t.Add("model", strings.Join(models, ", "))
	}
	return t
}
