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
	unfinished, err := corpus.Unfinished()
	if err != nil {
		return err
	}
	t := statusOf(&s, c.Units)
	for _, u := range unfinished {
		t.Add("unfinished", fmt.Sprintf("%s, %d chunks done: the same run, started again, goes on with it", u.Unit, u.Chunks))
	}
	return t.Write(std.out)
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
