package jobs

import (
	"fmt"
	"sync"
	"time"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// Metrics are what a job measured of itself. They hold times and are kept out of the corpus.
type Metrics struct {
	Seconds float64      `json:"seconds"`
	Waits   WaitSeconds  `json:"waits"`
	Device  *DeviceUsage `json:"device,omitempty"` // nil if no task reads states

	Backend   string         `json:"backend,omitempty"`
	Units     []string       `json:"units"`   // published
	Skipped   int            `json:"skipped"` // units published before
	Failed    []string       `json:"failed"`  // units that cannot be read
	Records   int            `json:"records"` // computed
	Resumed   int            `json:"resumed"` // from checkpoints
	Reused    int            `json:"reused"`  // documents with results of earlier runs
	Encoded   int            `json:"encoded"` // documents that the model's trunk read
	PerSecond float64        `json:"records_per_second"`
	Counts    schemas.Counts `json:"counts"` // rows of the records that were computed
	// SkippedFiles are files of the input directories that are not PubMed XML. Run leaves them to
	// the caller, who resolved the inputs.
	SkippedFiles []sources.Skip `json:"skipped_files,omitempty"`
	Error        string         `json:"error,omitempty"`
}

// WaitSeconds is how long each stage waited for another.
type WaitSeconds struct {
	Prepare float64 `json:"prepare"`
	Starved float64 `json:"infer_for_work"`
	Blocked float64 `json:"infer_to_hand_on"`
	Finish  float64 `json:"finish"`
}

// DeviceUsage is what the engine did.
type DeviceUsage struct {
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

// Meter measures a job, which may consist of several runs. It is safe for concurrent use.
type Meter struct {
	engine *lazyEngine // nil if no task reads states
	start  time.Time

	mu     sync.Mutex
	before pipeline.Waits // of the runs that have ended
	waits  pipeline.Waits // of the current run
}

func newMeter(engine *lazyEngine) *Meter { return &Meter{engine: engine, start: time.Now()} }

// watch returns hooks that also feed the meter.
func (m *Meter) watch(h pipeline.Hooks) pipeline.Hooks {
	h.Waits = func(w pipeline.Waits) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.waits = w
	}
	return h
}

// endRun takes the report of a run that has ended.
func (m *Meter) endRun(r pipeline.Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, m.waits = m.before.Add(r.Waits), pipeline.Waits{}
}

// Read returns times and device usage so far.
func (m *Meter) Read() Metrics {
	elapsed := time.Since(m.start).Seconds()
	m.mu.Lock()
	w := m.before.Add(m.waits)
	m.mu.Unlock()
	x := Metrics{Seconds: elapsed, Waits: WaitSeconds{
		Prepare: w.Prepare.Seconds(), Starved: w.Starved.Seconds(),
		Blocked: w.Blocked.Seconds(), Finish: w.Finish.Seconds(),
	}}
	if m.engine == nil {
		return x
	}
	u := m.engine.used()
	if u.Tokens == 0 || elapsed <= 0 {
		return x
	}
	x.Device = &DeviceUsage{
		Tokens: u.Tokens, TokensPerSec: float64(u.Tokens) / elapsed, Padding: u.Padding(),
		Busy: u.Busy.Seconds() / elapsed, FLOPS: u.FLOPs / elapsed, Peak: u.Peak,
		CompileSeconds: u.Compile.Seconds(), Programs: u.Programs,
	}
	if u.Peak > 0 {
		x.Device.Utilisation = x.Device.FLOPS / u.Peak
	}
	return x
}

// read returns the metrics with what the report says.
func (m *Meter) read(r pipeline.Report, backend string) Metrics {
	x := m.Read()
	x.Backend, x.Units, x.Skipped = backend, append([]string{}, r.Done...), len(r.Skipped)
	x.Records, x.Resumed, x.Counts, x.Failed = r.Records, r.Resumed, r.Counts, []string{}
	x.Reused, x.Encoded = r.Reused, r.Encoded
	for _, f := range r.Failed {
		x.Failed = append(x.Failed, f.Unit.Name)
	}
	if x.Seconds > 0 {
		x.PerSecond = float64(x.Records) / x.Seconds
	}
	return x
}

// Attributes are the metrics for one line of a log: name, value, name, value, …
func (m *Meter) Attributes() []any {
	x := m.Read()
	seconds := func(s float64) time.Duration {
		return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
	}
	percent := func(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }
	attributes := []any{
		"prepare_waited", seconds(x.Waits.Prepare), "infer_waited", seconds(x.Waits.Starved + x.Waits.Blocked),
		"finish_waited", seconds(x.Waits.Finish),
	}
	if d := x.Device; d != nil {
		attributes = append(attributes, "tokens_per_second", fmt.Sprintf("%.0f", d.TokensPerSec),
			"padding", percent(d.Padding), "device_busy", percent(d.Busy),
			"compiling", percent(d.CompileSeconds/x.Seconds))
		if d.Peak > 0 {
			attributes = append(attributes, "model_flops_utilisation", percent(d.Utilisation))
		}
	}
	return attributes
}
