package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs"
)

// printOutcome prints the counts of a job and where its tables are.
func printOutcome(w io.Writer, o *jobs.Outcome, root string) error {
	var t view.Table
	t.Counts(o.Counts())
	inputs := fmt.Sprintf("%d published", len(o.Report.Done))
	if n := len(o.Report.Skipped); n > 0 {
		inputs += fmt.Sprintf(", %d published before", n)
	}
	if n := len(o.Report.Failed); n > 0 {
		inputs += fmt.Sprintf(", %d not readable", n)
	}
	t.Add("inputs", inputs)
	if n := o.Report.Resumed; n > 0 {
		t.Add("resumed", view.Number(int64(n))+" records from checkpoints")
	}
	switch {
	case o.Report.Records > 0:
		t.Add("abstracts/s", fmt.Sprintf("%.1f", o.Metrics.PerSecond))
		t.Add("backend", o.Metrics.Backend)
		addMetrics(&t, o.Metrics)
	case len(o.Report.Failed) == 0:
		t.Add("new", "nothing to do")
	}
	if len(o.Snapshot.Seen().Parts) == 0 {
		return t.Write(w) // there are no tables to open
	}
	tables := filepath.Join(root, "tables")
	t.Add("tables", tables)
	t.Add("open them",
		fmt.Sprintf(`duckdb -c "select type, count(*) from '%s/mentions/**/*.parquet' group by type"`, tables))
	t.Add("or", fmt.Sprintf(`python3 -c "import pandas; print(pandas.read_parquet('%s/mentions'))"`, tables))
	return t.Write(w)
}

// addMetrics adds speed, use of the device, and which stage waited.
func addMetrics(t *view.Table, m jobs.Metrics) {
	d := m.Device
	if d == nil {
		return
	}
	t.Add("tokens/s", fmt.Sprintf("%s, and %s padding", view.Number(int64(d.TokensPerSec)), percent(d.Padding)))
	line := fmt.Sprintf("busy %s of the time", percent(d.Busy))
	if compiling := d.CompileSeconds / m.Seconds; compiling > 0.05 {
		line += fmt.Sprintf(" (%s compiling)", percent(compiling))
	}
	line += ", " + view.FLOPS(d.FLOPS)
	if d.Peak > 0 {
		line += fmt.Sprintf(": %s of what its matrix products reach", percent(d.Utilisation))
	}
	t.Add("device", line)
	t.Add("waited", fmt.Sprintf(
		"prepare %.1f s, device %.1f s, finish %.1f s",
		m.Waits.Prepare, m.Waits.Starved+m.Waits.Blocked, m.Waits.Finish))
}

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

// checkOutcome returns the error of a job that came to its end: inputs that cannot be read, or more
// rejects than allowed.
func checkOutcome(o *jobs.Outcome, allowed float64) error {
	if len(o.Report.Failed) > 0 {
		return exit.InputErrors(o.Report.Failed)
	}
	if share := o.RejectedShare(); share > allowed {
		return exit.RejectsError{Share: share, Allowed: allowed}
	}
	return nil
}
