package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// statusCommand is pubmine status.
type statusCommand struct {
	Corpus string `required:"" placeholder:"DIR" help:"Corpus directory."`
	Units  bool   `help:"Name every unit, too."`
}

// Run runs the command.
func (c *statusCommand) Run(std streams) error {
	opened, err := corpus.Open(c.Corpus)
	if err != nil {
		return err
	}
	s, err := opened.Snapshot()
	if err != nil {
		return err
	}
	unfinished, err := opened.Unfinished()
	if err != nil {
		return err
	}
	t := statusOf(&s, c.Units)
	for _, u := range unfinished {
		t.Add(
			"unfinished",
			fmt.Sprintf("%s, %d chunks done: the same run, started again, goes on with it", u.Unit, u.Chunks),
		)
	}
	return t.Write(std.out)
}

// statusOf lays out what readers see of a snapshot, and what is built beside it.
func statusOf(s *corpus.Snapshot, units bool) *view.Table {
	t := &view.Table{}
	seen := corpus.Snapshot{Units: s.History()}
	counts := seen.Counts()
	t.Counts(counts)
	if n := counts.Rows["superseded"]; n > 0 {
		t.Add("superseded", view.Number(n)+" records, each by a later one of its own unit")
	}
	t.Add("snapshot", s.Number)
	t.Add("units", len(seen.Units))
	for _, p := range syncProgress(s) {
		p.lines(t, s.Release)
	}
	var models []string
	for i := range s.Units {
		r := &s.Units[i]
		if r.Model != "" && !slices.Contains(models, r.Model) {
			models = append(models, r.Model)
		}
		if units {
			t.Add("  "+r.Unit, fmt.Sprintf(
				"%s documents, %s rejects, PMID %d to %d",
				view.Number(
					r.Counts.Rows["documents"],
				),
				view.Number(r.Counts.Rows["rejects"]),
				r.FirstPMID,
				r.LastPMID,
			))
		}
	}
	if len(models) > 0 {
		t.Add("model", strings.Join(models, ", "))
	}
	return t
}
