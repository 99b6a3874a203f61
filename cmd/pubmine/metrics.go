package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// gauge measures a run, or the several runs of a sync, while they go on. Its methods are called
// from hooks, or after the run.
type runMetrics struct {
	engine *lazyEngine // nil where no task looks at states
	start  time.Time
	before pipeline.Waits // of the runs that are over
	waits  pipeline.Waits // of the one that goes on
}

func newRunMetrics(engine *lazyEngine) *runMetrics {
	return &runMetrics{engine: engine, start: time.Now()}
}

// watch returns the hooks of a run that is to be measured, too.
func (g *runMetrics) watch(h pipeline.Hooks) pipeline.Hooks {
	h.Waits = func(w pipeline.Waits) { g.waits = w }
	return h
}

// over takes the report of a run that has ended.
func (g *runMetrics) over(r pipeline.Report) {
	g.before, g.waits = add(g.before, r.Waits), pipeline.Waits{}
}

func add(a, b pipeline.Waits) pipeline.Waits {
	return pipeline.Waits{
		Prepare: a.Prepare + b.Prepare, Starved: a.Starved + b.Starved, Blocked: a.Blocked + b.Blocked, Finish: a.Finish + b.Finish,
	}
}

// metrics are what a run measured of itself. They hold times and go into no corpus.
type metrics struct {
	Seconds float64      `json:"seconds"`
	Waits   waitSeconds  `json:"waits"`
	Device  *deviceUsage `json:"device,omitempty"` // nil where nothing was computed on one

	Backend   string         `json:"backend,omitempty"`
	Units     []string       `json:"units"`   // published
	Skipped   int            `json:"skipped"` // units published before
	Failed    []string       `json:"failed"`  // units that cannot be read
	Records   int            `json:"records"` // computed
	Resumed   int            `json:"resumed"` // from checkpoints
	PerSecond float64        `json:"records_per_second"`
	Counts    schemas.Counts `json:"counts"` // rows of the records that were computed
	Error     string         `json:"error,omitempty"`
}

// waitSeconds is how long each stage waited for another.
type waitSeconds struct {
	Prepare float64 `json:"prepare"`
	Starved float64 `json:"infer_for_work"`
	Blocked float64 `json:"infer_to_hand_on"`
	Finish  float64 `json:"finish"`
}

// deviceUsage is what the engine did.
type deviceUsage struct {
	Tokens         int64   `json:"tokens"`
	TokensPerSec   float64 `json:"tokens_per_second"`
	Padding        float64 `json:"padding"`                // share of the computed tokens
	Busy           float64 `json:"busy"`                   // share of the time
	FLOPS          float64 `json:"model_flops_per_second"` // of the whole time, padding not counted
	Peak           float64 `json:"matrix_flops_per_second,omitempty"`
	Utilisation    float64 `json:"model_flops_utilisation,omitempty"` // FLOPS / Peak
	CompileSeconds float64 `json:"compile_seconds"`
	Programs       int     `json:"programs"`
}

// read returns what is known so far; reports are not.
func (g *runMetrics) read() metrics {
	elapsed := time.Since(g.start).Seconds()
	w := add(g.before, g.waits)
	m := metrics{
		Seconds: elapsed,
		Waits:   waitSeconds{w.Prepare.Seconds(), w.Starved.Seconds(), w.Blocked.Seconds(), w.Finish.Seconds()},
	}
	if g.engine == nil {
		return m
	}
	u := g.engine.use()
	if u.Tokens == 0 || elapsed <= 0 {
		return m
	}
	m.Device = &deviceUsage{
		Tokens: u.Tokens, TokensPerSec: float64(u.Tokens) / elapsed, Padding: u.Padding(), Busy: u.Busy.Seconds() / elapsed,
		FLOPS: u.FLOPs / elapsed, Peak: u.Peak, CompileSeconds: u.Compile.Seconds(), Programs: u.Programs,
	}
	if u.Peak > 0 {
		m.Device.Utilisation = m.Device.FLOPS / u.Peak
	}
	return m
}

// attributes are what a line of the log says of it.
func (g *runMetrics) attributes() []any {
	m := g.read()
	seconds := func(s float64) time.Duration {
		return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
	}
	attributes := []any{
		"prepare_waited", seconds(m.Waits.Prepare), "infer_waited", seconds(m.Waits.Starved + m.Waits.Blocked),
		"finish_waited", seconds(m.Waits.Finish),
	}
	if d := m.Device; d != nil {
		attributes = append(
			attributes, "tokens_per_second", fmt.Sprintf("%.0f", d.TokensPerSec), "padding", percent(d.Padding),
			"device_busy", percent(d.Busy), "compiling", percent(d.CompileSeconds/m.Seconds),
		)
		if d.Peak > 0 {
			attributes = append(attributes, "model_flops_utilisation", percent(d.Utilisation))
		}
	}
	return attributes
}

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

// lines adds what the end of a run says.
func (m metrics) lines(t *view.Table) {
	d := m.Device
	if d == nil {
		return
	}
	t.Add("tokens/s", fmt.Sprintf("%s, and %s padding", view.Number(int64(d.TokensPerSec)), percent(d.Padding)))
	line := fmt.Sprintf("busy %s of the time", percent(d.Busy))
	if compiling := d.CompileSeconds / m.Seconds; compiling > 0.05 {
		line += fmt.Sprintf(" (%s went into compiling)", percent(compiling))
	}
	line += ", " + speed(d.FLOPS)
	if d.Peak > 0 {
		line += fmt.Sprintf(": %s of what its matrix products reach", percent(d.Utilisation))
	}
	t.Add("device", line)
	t.Add(
		"waited",
		fmt.Sprintf(
			"prepare %.1f s, device %.1f s, finish %.1f s", m.Waits.Prepare, m.Waits.Starved+m.Waits.Blocked,
			m.Waits.Finish,
		),
	)
}

// write puts the metrics of a run, however it ended, into a file; no name is no file.
func (m metrics) write(name string, r pipeline.Report, backend string, ended error) error {
	if name == "" {
		return nil
	}
	m.Backend, m.Units, m.Skipped, m.Records, m.Resumed, m.Counts = backend, append(
		[]string{},
		r.Done...), len(
		r.Skipped,
	), r.Records, r.Resumed, r.Counts
	m.Failed = []string{}
	for _, f := range r.Failed {
		m.Failed = append(m.Failed, f.Unit.Name)
	}
	if m.Seconds > 0 {
		m.PerSecond = float64(m.Records) / m.Seconds
	}
	if ended != nil {
		m.Error = ended.Error()
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = os.WriteFile(name, append(data, '\n'), 0o666)
	}
	if err != nil {
		return errors.Join(ended, fmt.Errorf("--report: %w", err))
	}
	return nil
}
