package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/expected"
	"github.com/pubmine/pubmine/model/convert"
)

// modelCheckCommand is pubmine model check.
type modelCheckCommand struct {
	Path      string  `arg:"" placeholder:"DIR" help:"Model directory, or a file of weights in one."`
	Expected  string  `required:"" placeholder:"FILE" help:"Expected outputs: JSON, gzipped or not."`
	Backend   string  `default:"auto" enum:"auto,cpu,xla:cpu,cuda" help:"Backend: ${enum}."`
	Tolerance float64 `default:"1e-4" help:"Largest difference of a state or logit that is accepted; of log-probabilities, ten times as much."`
	Slots     int     `default:"16" help:"Sequences that are written at once."`
}

// Run runs the command.
func (c *modelCheckCommand) Run(ctx context.Context, std streams) error {
	want, err := c.read()
	if err != nil {
		return err
	}
	from, err := source(c.Path)
	if err != nil {
		return err
	}
	m, err := convert.Open(from)
	if err != nil {
		return err
	}
	defer m.Close()
	backend, err := biogpt.OpenBackend(c.Backend)
	if err != nil {
		return err
	}
	defer backend.Close()
	start := time.Now()
	engine, err := biogpt.NewEngineWith(backend, m.Config, m.Weights, biogpt.Float32)
	if err != nil {
		return err
	}
	defer engine.Close()
	fmt.Fprintf(
		std.err, "loaded in %.1f s on %s; peak memory %s\n", time.Since(start).Seconds(), backend.Class(),
		peakMemory(),
	)
	results, err := want.Compare(
		ctx,
		expected.Subject{Backend: backend, Config: m.Config, Weights: m.Weights, Engine: engine, Slots: c.Slots},
	)
	if err != nil {
		return err
	}
	return c.judge(std.out, results)
}

func (c *modelCheckCommand) read() (*expected.File, error) {
	f, err := os.Open(c.Expected)
	if err != nil {
		return nil, badInput(c.Expected, err)
	}
	defer f.Close()
	want, err := expected.Read(f)
	return want, badInput(c.Expected, err)
}

// judge prints the differences and says whether one is too large.
func (c *modelCheckCommand) judge(w io.Writer, results []expected.Result) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	failed := 0
	for _, r := range results {
		said := "ok"
		if r.Wrong > 0 || !(r.State <= c.Tolerance && r.Logit <= c.Tolerance && r.LogProb <= 10*c.Tolerance) {
			said = "differs: " + r.Mismatch
			failed++
		}
		fmt.Fprintf(out, "%s\t%d compared\tstates %.1e\tlogits %.1e\tlog-probabilities %.1e\t%d wrong\t%s\n",
			r.Name, r.Values, r.State, r.Logit, r.LogProb, r.Wrong, said)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf(
			"%s: %d of %d batches differ from %s: the weights, the config or the program are not those of the file",
			c.Path, failed, len(results), c.Expected,
		)
	}
	if len(results) == 0 {
		return badInput(c.Expected, errors.New("nothing in it can be compared"))
	}
	return nil
}

// peakMemory is the most memory that the program had so far, where the system tells it.
func peakMemory() string {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
