package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/doctor"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inputs"
	"github.com/pubmine/pubmine/jobs/models"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/expected"
)

// modelCheckCommand is pubmine model check.
type modelCheckCommand struct {
	Model     flags.Name     `arg:"" help:"Name of a model, model directory, or file of weights."`
	Expected  flags.Name     `required:"" placeholder:"FILE" help:"Expected outputs: JSON, plain or gzip; - for standard input."`
	Tolerance flags.Above0   `default:"1e-4" placeholder:"X" help:"Maximum difference of a state or logit, and a tenth of that of a log-probability (default ${default})."`
	Slots     flags.Positive `default:"16" placeholder:"N" help:"Sequences that are generated together (default ${default})."`
	backendFlag
}

// Help is the description in pubmine model check --help.
func (*modelCheckCommand) Help() string {
	return example("pubmine model check biogpt --expected expected.json.gz")
}

// Run runs the command.
func (c *modelCheckCommand) Run(ctx context.Context, std streams) error {
	want, err := c.read()
	if err != nil {
		return err
	}
	m, err := models.Open(string(c.Model))
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
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	defer engine.Close()
	inert.Fprintf(std.err, "loaded in %.1f s on %s; peak memory %s\n",
		time.Since(start).Seconds(), backend.Class(), doctor.PeakMemory())
	results, err := want.Compare(ctx, expected.Subject{
		Backend: backend, Config: m.Config, Weights: m.Weights, Engine: engine, Slots: int(c.Slots),
	})
	if err != nil {
		return err
	}
	return c.check(std.out, results)
}

func (c *modelCheckCommand) read() (*expected.File, error) {
	var want *expected.File
	err := inputs.Read(string(c.Expected), func(name string, in io.Reader) (err error) {
		want, err = expected.Read(in)
		return exit.BadInput(name, err)
	})
	return want, err
}

// check prints the differences, and returns an error if one is too large.
func (c *modelCheckCommand) check(w io.Writer, results []expected.Result) error {
	out := tableWriter(w)
	limit, failed := float64(c.Tolerance), 0
	for _, r := range results {
		outcome := "ok"
		if r.Wrong > 0 || !(r.State <= limit && r.Logit <= limit && r.LogProb <= 10*limit) {
			outcome = "differs: " + r.Mismatch
			failed++
		}
		inert.Fprintf(out, "%s\t%d compared\tstates %.1e\tlogits %.1e\tlog-probabilities %.1e\t%d wrong\t%s\n",
			r.Name, r.Values, r.State, r.Logit, r.LogProb, r.Wrong, outcome)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%s: %d of %d batches differ from %s: "+
			"the weights or the configuration are not those of the file", c.Model, failed, len(results), c.Expected)
	}
	if len(results) == 0 {
		return exit.BadInput(string(c.Expected), errors.New("nothing in it can be compared"))
	}
	return nil
}
