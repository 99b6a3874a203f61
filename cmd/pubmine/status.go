package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// statusCommand is pubmine status.
type statusCommand struct {
	corpusFlag
	Units  bool `help:"List every unit, too."`
	Config bool `help:"Print the configurations of the units as JSON: everything that can change a row."`
}

// Help is the second half of pubmine status --help.
func (*statusCommand) Help() string {
	return `Examples:

    pubmine status --corpus C
    pubmine status --corpus C --config | jq '.[].configuration.stages'`
}

// Run runs the command.
func (c *statusCommand) Run(std streams) error {
	opened, err := corpus.Open(c.root())
	if err != nil {
		return err
	}
	s, err := opened.Snapshot()
	if err != nil {
		return err
	}
	if c.Config {
		out := json.NewEncoder(std.out)
		out.SetIndent("", "  ")
		return out.Encode(configurationsOf(&s))
	}
	unfinished, err := opened.Unfinished()
	if err != nil {
		return err
	}
	t := statusOf(&s, c.Units)
	for _, u := range unfinished {
		t.Add("unfinished", fmt.Sprintf("%s, %d chunks done: run the same command again to continue", u.Unit, u.Chunks))
	}
	return t.Write(std.out)
}

// configurationOf is an edition in the output of status --config.
type configurationOf struct {
	Edition       int                   `json:"edition"`
	Fingerprint   string                `json:"fingerprint"`
	Configuration *corpus.Configuration `json:"configuration"`
	Units         []string              `json:"units"`
}

func configurationsOf(s *corpus.Snapshot) []configurationOf {
	all := []configurationOf{}
	for i := range s.Editions {
		e := &s.Editions[i]
		c := configurationOf{e.ID, e.Fingerprint, e.Configuration, []string{}}
		for _, r := range e.Units() {
			c.Units = append(c.Units, r.Unit)
		}
		all = append(all, c)
	}
	return all
}

// statusOf lays out the edition that readers see, and the others.
func statusOf(s *corpus.Snapshot, units bool) *view.Table {
	t := &view.Table{}
	seen := s.Seen()
	counts := seen.Counts()
	t.Counts(counts)
	if n := counts.Rows["superseded"]; n > 0 {
		t.Add("superseded", view.Number(n)+" records, each by a later one of the same unit")
	}
	t.Add("version", s.Version)
	all := seen.Units()
	t.Add("units", len(all))
	for i := range all {
		if r := &all[i]; units {
			t.Add("  "+r.Unit, fmt.Sprintf("%s documents, %s rejects, PMID %d to %d%s",
				view.Number(r.Counts.Rows["documents"]), view.Number(r.Counts.Rows["rejects"]), r.FirstPMID, r.LastPMID,
				partialNote(r)))
		}
	}
	if n := countPartial(all); n > 0 {
		t.Add("partial", fmt.Sprintf("%d of them, by --limit: a run without it completes them", n))
	}
	for _, p := range jobs.SyncProgress(seen) {
		text := p.Release
		if seen.Waiting {
			text += ", being built: readers see the part that is built"
		}
		addRelease(t, p, "release", text)
	}
	if m := seen.Model(); m != "" {
		t.Add("model", m)
	}
	addEditions(t, s)
	return t
}

func partialNote(r *corpus.Record) string {
	if r.Partial() {
		return ", partial"
	}
	return ""
}

func countPartial(units []corpus.Record) (n int) {
	for i := range units {
		if units[i].Partial() {
			n++
		}
	}
	return n
}

// addEditions adds the editions that readers do not see.
func addEditions(t *view.Table, s *corpus.Snapshot) {
	seen := s.Seen()
	for i := range s.Editions {
		e := &s.Editions[i]
		if e.ID == seen.ID {
			continue
		}
		what := fmt.Sprintf("%d, %d units, model %s", e.ID, len(e.Units()), cmp.Or(e.Model(), "none"))
		if !e.Building {
			t.Add("kept", what)
			continue
		}
		t.Add("building", what+fmt.Sprintf(": readers see edition %d until it is complete", seen.ID))
		for _, p := range jobs.SyncProgress(e) {
			addRelease(t, p, "  release", p.Release)
		}
	}
}

// maxNamed is how many missing files are named.
const maxNamed = 3

// addRelease adds the progress of a release.
func addRelease(t *view.Table, p jobs.ReleaseProgress, label, text string) {
	t.Add(label, text)
	through := p.Through()
	upTo := "but not the first"
	if through > 0 {
		upTo = "all up to " + p.Unit(through)
	}
	t.Add("  applied", fmt.Sprintf("%s of its files, %s", view.Number(int64(len(p.Numbers))), upTo))
	if gaps := p.Missing(); len(gaps) > 0 {
		var names []string
		for _, n := range gaps[:min(len(gaps), maxNamed)] {
			names = append(names, p.Unit(n))
		}
		if more := len(gaps) - maxNamed; more > 0 {
			names = append(names, fmt.Sprintf("and %s more", view.Number(int64(more))))
		}
		t.Add("  missing", strings.Join(names, ", "))
	}
	t.Add("  next", p.Unit(through+1))
}
