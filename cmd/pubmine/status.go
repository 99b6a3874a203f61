package main

import (
	"encoding/json"
	"fmt"
	"slices"
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
	opened, s, err := openCorpus(c.root())
	if err != nil {
		return err
	}
	if c.Config {
		configurations, err := opened.Configurations(&s)
		if err != nil {
			return err
		}
		out := json.NewEncoder(std.out)
		out.SetIndent("", "  ")
		return out.Encode(configurations)
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

// statusOf lays out what readers see of a snapshot, and what is built beside it.
func statusOf(s *corpus.Snapshot, units bool) *view.Table {
	t := &view.Table{}
	seen := corpus.Snapshot{Units: s.History()}
	counts := seen.Counts()
	t.Counts(counts)
	if n := counts.Rows["superseded"]; n > 0 {
		t.Add("superseded", view.Number(n)+" records, each by a later one of the same unit")
	}
	t.Add("snapshot", s.Number)
	t.Add("units", len(seen.Units))
	for _, p := range jobs.SyncProgress(s) {
		addRelease(t, p, s.Release)
	}
	var models []string
	for i := range s.Units {
		r := &s.Units[i]
		if r.Model != "" && !slices.Contains(models, r.Model) {
			models = append(models, r.Model)
		}
		if units {
			documents, rejects := view.Number(r.Counts.Rows["documents"]), view.Number(r.Counts.Rows["rejects"])
			t.Add("  "+r.Unit, fmt.Sprintf("%s documents, %s rejects, PMID %d to %d",
				documents, rejects, r.FirstPMID, r.LastPMID))
		}
	}
	if len(models) > 0 {
		t.Add("model", strings.Join(models, ", "))
	}
	return t
}

// maxNamed is how many missing files are named.
const maxNamed = 3

// addRelease adds the progress of a release. seen is the release that readers see; it is empty
// until the first is complete, and then they see all units.
func addRelease(t *view.Table, p jobs.ReleaseProgress, seen string) {
	switch seen {
	case "":
		t.Add("release", p.Release+", being built: readers see the part that is built")
	case p.Release:
		t.Add("release", p.Release+", which readers see")
	default:
		t.Add("building", fmt.Sprintf("%s: readers see %s until its baseline is complete", p.Release, seen))
	}
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
