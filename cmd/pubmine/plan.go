package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/sources"
)

// planFlags are the options of a command that can announce what it would do.
type planFlags struct {
	DryRun     bool `help:"Print what there is to do, and do nothing."`
	NoEstimate bool `help:"With --dry-run: do not estimate the time, for which some documents are computed."`
	JSON       bool `name:"json" help:"With --dry-run: print JSON."`
}

const planHelp = `With --dry-run the same rules decide, and nothing is written or downloaded: it prints the edition
to which results go, which inputs are added, replaced or published already, how many documents are
computed and how many reuse earlier results, and estimates of time and disk. Inputs that would be
refused give the same message and exit code.`

// validate refuses options that do not go together.
func (f *planFlags) validate(r *requestFlags) error {
	switch {
	case f.DryRun && r.Report != "":
		return exit.Usage("--report: a dry run has no metrics: use --json")
	case !f.DryRun && f.JSON:
		return exit.Usage("--json: use it with --dry-run; for metrics of a run use --report")
	case !f.DryRun && f.NoEstimate:
		return exit.Usage("--no-estimate: use it with --dry-run")
	}
	return nil
}

// finishPlan prints a plan, and returns the error that the job would return as far as it is known.
func (f *planFlags) finishPlan(p *jobs.Plan, err error, skipped []sources.Skip, r *requestFlags, w io.Writer) error {
	if err != nil {
		return err
	}
	if f.JSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		err = out.Encode(struct {
			*jobs.Plan
			SkippedFiles []sources.Skip `json:"skipped_files,omitempty"`
		}{p, skipped})
	} else {
		err = writePlan(w, p)
	}
	switch share := p.RejectedShare(); {
	case err != nil:
		return err
	case len(p.Failed) > 0:
		return exit.InputErrors(p.Failed)
	case share > float64(r.MaxRejects):
		return exit.RejectsError{Share: share, Allowed: float64(r.MaxRejects)}
	}
	return nil
}

// maxListed is the number of units that are listed.
const maxListed = 20

// writePlan prints a plan.
func writePlan(w io.Writer, p *jobs.Plan) error {
	t := &view.Table{}
	addPlannedEdition(t, p)
	addPlannedUnits(t, p)
	addPlannedWork(t, p)
	if p.Estimate != nil && p.Records > 0 {
		addEstimate(t, p.Estimate)
	}
	return t.Write(w)
}

func addPlannedEdition(t *view.Table, p *jobs.Plan) {
	e := &p.Edition
	switch {
	case e.CurrentBefore == 0 && e.Begins:
		t.Add("edition", fmt.Sprintf("%d, the first one of the corpus", e.ID))
	case e.Begins:
		t.Add("edition", fmt.Sprintf("%d begins: %s", e.ID, e.Why))
	default:
		t.Add("edition", fmt.Sprintf("%d continues", e.ID))
	}
	if e.Release != "" {
		t.Add("release", e.Release)
	}
	switch {
	case e.CurrentAfter != e.ID:
		text := fmt.Sprintf("stay with edition %d", e.CurrentAfter)
		if n := len(e.Lacks); n > 0 {
			text += fmt.Sprintf(", of which edition %d will lack %s units: %s",
				e.ID, view.Number(int64(n)), firstOf(e.Lacks))
		}
		t.Add("readers", text)
	case e.CurrentBefore == 0, e.CurrentBefore == e.ID:
		t.Add("readers", "see each unit as soon as it is published")
	default:
		t.Add("readers", fmt.Sprintf("see edition %d until edition %d is complete", e.CurrentBefore, e.ID))
	}
	for _, id := range e.Dropped {
		t.Add("dropped", fmt.Sprintf("edition %d, when edition %d is complete", id, e.ID))
	}
	if len(e.Lost) > 0 {
		t.Add("lost", strings.Join(e.Lost, ", "))
	}
}

// firstOf returns the first names.
func firstOf(names []string) string {
	text := strings.Join(names[:min(len(names), maxNamed)], ", ")
	if more := len(names) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %s more", view.Number(int64(more)))
	}
	return text
}

func addPlannedUnits(t *view.Table, p *jobs.Plan) {
	t.Add("inputs", view.Number(int64(len(p.Units))))
	for _, a := range []struct {
		action jobs.UnitAction
		label  string
	}{
		{jobs.ActionAdd, "  new"}, {jobs.ActionCompute, "  for the new edition"}, {jobs.ActionComplete, "  completed"},
		{jobs.ActionReplace, "  replaced"}, {jobs.ActionRepair, "  repaired"},
		{jobs.ActionNone, "  published before"}, {jobs.ActionFail, "  not readable or refused"},
	} {
		if n := p.Count(a.action); n > 0 {
			t.Add(a.label, view.Number(int64(n)))
		}
	}
	listed, more := 0, 0
	for i := range p.Units {
		u := &p.Units[i]
		if u.Action == jobs.ActionNone || u.Action == jobs.ActionFail {
			continue
		}
		if listed++; listed > maxListed {
			more++
			continue
		}
		t.Add("    "+u.Unit, describeUnit(u, u.Remote > 0 && p.Download.Files > 0))
	}
	if more > 0 {
		t.Add("    …", fmt.Sprintf("and %s more: --json lists all", view.Number(int64(more))))
	}
}

// describeUnit returns what is done with a unit. Its number of records may be an estimate.
func describeUnit(u *jobs.PlannedUnit, about bool) string {
	text := fmt.Sprintf("%s: %s records", u.Action, view.Number(int64(u.Records)))
	if about {
		text = fmt.Sprintf("%s: about %s records", u.Action, view.Number(int64(u.Records)))
	}
	if u.Reused > 0 {
		text += fmt.Sprintf(", %s reused", view.Number(int64(u.Reused)))
	}
	if u.Partial {
		text += ", partial"
	}
	return text
}

func addPlannedWork(t *view.Table, p *jobs.Plan) {
	n := func(label string, n int) {
		if n > 0 {
			t.Add(label, view.Number(int64(n)))
		}
	}
	if p.Records == 0 {
		t.Add("new", "nothing to do")
		return
	}
	n("records", p.Records)
	n("  not downloaded yet", p.Remote)
	n("  from checkpoints", p.Resumed)
	n("  rejected", p.Rejected)
	n("  reused", p.ReusedWhole)
	n("  reused for some tasks", p.Reused-p.ReusedWhole)
	n("  read by the model", p.Encoded)
	if p.Repeated > 0 {
		t.Add("  repeated", view.Number(int64(p.Repeated))+
			" of them, which an input before has: reused if that one is published when they are read")
	}
	if d := p.Download; d.Files > 0 {
		text := view.Number(int64(d.Files)) + " files"
		if d.Bytes > 0 {
			text += ", about " + view.Bytes(d.Bytes)
		}
		t.Add("download", text)
	} else if d.Records > 0 {
		t.Add("download", view.Number(int64(d.Records))+" records from NCBI")
	}
}

func addEstimate(t *view.Table, e *jobs.PlanEstimate) {
	text := "about " + roughly(e.Seconds)
	switch {
	case e.Typical:
		text += ", without downloads, if nothing is reused of what is not downloaded yet"
	case e.Sampled > 0:
		text += fmt.Sprintf(", estimated from %d documents", e.Sampled)
	}
	t.Add("time", text)
	text = "about " + view.Bytes(e.Tables) + " of tables"
	if e.Downloads > 0 {
		text += ", " + view.Bytes(e.Downloads) + " of downloads"
	}
	if e.Checkpoints > 0 {
		text += fmt.Sprintf(", up to %s for a time", view.Bytes(e.Checkpoints))
	}
	if e.Free >= 0 {
		text += ", of " + view.Bytes(e.Free) + " free"
	}
	t.Add("disk", text)
	if e.Replaced > 0 {
		t.Add("replaced files", view.Bytes(e.Replaced)+", which pubmine gc frees later")
	}
	if !e.Fits() {
		t.Add("warning", "the disk is too small: make room, or name a corpus on another disk")
	}
}

// roughly prints a time with about two digits.
func roughly(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.0f s", max(1, d.Seconds()))
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 72*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
