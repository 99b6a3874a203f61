// Package loop trains a language model: it takes a trunk.Trainer through examples, measures as it
// goes, and keeps the best.
//
// Which examples stand in which step is a function of the seed and the number of the epoch.
// Examples of about the same length share a batch, so that little is padded; a step is
// Options.Accumulate batches. The learning rate rises linearly for Options.Warmup of the steps,
// then falls.
//
// A run keeps its state in a folder of its own (Files) and goes on from there when it is begun
// again:
//
//	state.safetensors           the trainer's state, and in its metadata, under "loop", what this package must know (see progress)
//	step-00000200.safetensors   parameters as they were when they were measured, where they are the best so far or are to be averaged
//
// The state is written after every measurement, every Options.Checkpoint steps, and when the
// context ends. Parameters are written before the state that speaks of them and removed after the
// first that does not, so a run may be killed at any moment: begun again, it ends with the same
// bytes as one that was left alone, on the same backend and machine. A run with other data or other
// options than the state's is refused.
package loop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
)

// Options of a run. What is not said to have a default does nothing when it is zero.
type Options struct {
	Rate       float64  // the highest learning rate
	Warmup     float64  // share of the steps in which the rate rises
	Schedule   Schedule // Cosine
	Accumulate int      // batches of a step; 1
	Epochs     int      // passes over the examples; 1 where Steps is zero
	Steps      int      // in place of Epochs
	Evaluate   int      // measure every so many steps, and in the end; ten times in all, and at least once an epoch
	Checkpoint int      // save the state every so many steps, beside after each measurement
	Patience   int      // end after so many measurements in a row that are no better than the best
	Average    int      // 2 or more: the result is the mean of the parameters of the last so many measurements, not the best of all
	Seed       uint64
	Start      string // names what the parameters are before the first step: a state is gone on from only under the same name

	// Vary makes of an example what is learned of it this time, as masking does. It depends on its
	// arguments alone.
	Vary     func(e trunk.Example, random *rand.Rand) trunk.Example
	Progress func(Report)
}

// Report says how far a run is, after a step.
type Report struct {
	Step, Steps     int
	Epoch           int // of the step, from 1
	Rate            float64
	Loss            trunk.Loss    // of training, since the last measurement
	Point           *Point        // what was measured after this step; mostly nil
	TokensPerSecond float64       // without padding, of late
	Left            time.Duration // until the last step, without measurements
}

// Point is what was measured after a step.
type Point struct {
	Step  int     `json:"step"`
	Epoch int     `json:"epoch"` // from 1
	Rate  float64 `json:"rate"`
	Train float64 `json:"train"` // mean loss of a target since the last point, dropout and all
	Dev   float64 `json:"dev"`   // mean loss of a target of the development examples
}

// Result is what a run came to.
type Result struct {
	Params  biogpt.Params // the best by the development examples, or the mean that Options.Average asks for
	Dev     trunk.Loss    // of Params
	Curve   []Point
	Best    int // step of the best point
	Steps   int // taken
	Resumed int // step that this call went on from
}

// Files is the folder of a run, in which every file is whole or absent.
type Files interface {
	fs.FS
	// Write makes or replaces a file, durably, and returns its sha256 in hex.
	Write(name string, write func(io.Writer) error) (sum string, err error)
	// Remove removes a file. What is not there is no error.
	Remove(name string) error
}

// ErrOther says that a folder holds the state of another run.
var ErrOther = errors.New("the state of another training is there")

// run is a run at work.
type run struct {
	Options
	trainer    *trunk.Trainer
	train, dev []trunk.Example
	files      Files
	state      progress
	steps      int     // in all
	perEpoch   int     // steps
	epoch      int     // that batches belong to, from 0; -1 before the first
	batches    [][]int // of the epoch: indices of examples
	pace       pace
}

// Run trains until the steps are taken, patience is at an end, or the context is: then it saves the
// state and returns the context's error. Train and dev must not be empty. The trainer is fresh, and
// is left with the parameters of the last step, or of the mean.
func Run(
	ctx context.Context, trainer *trunk.Trainer, train, dev []trunk.Example, files Files, o Options,
) (Result, error) {
	if len(train) == 0 || len(dev) == 0 {
		return Result{}, fmt.Errorf(
			"loop: %d examples to learn from, %d to measure on: both are needed", len(train), len(dev),
		)
	}
	r := &run{Options: o.withDefaults(), trainer: trainer, train: train, dev: dev, files: files, epoch: -1}
	result, err := r.run(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("loop: %w", err)
	}
	return result, nil
}

func (o Options) withDefaults() Options {
	o.Accumulate = max(1, o.Accumulate)
	if o.Steps == 0 {
		o.Epochs = max(1, o.Epochs)
	}
	if o.Schedule == "" {
		o.Schedule = Cosine
	}
	if o.Vary == nil {
		o.Vary = func(e trunk.Example, _ *rand.Rand) trunk.Example { return e }
	}
	if o.Progress == nil {
		o.Progress = func(Report) {}
	}
	return o
}

func (r *run) run(ctx context.Context) (Result, error) {
	r.plan(0)
	r.perEpoch = (len(r.batches) + r.Accumulate - 1) / r.Accumulate
	if r.steps = r.Steps; r.steps == 0 {
		r.steps = r.Epochs * r.perEpoch
	}
	if r.Evaluate == 0 {
		r.Evaluate = max(1, min(r.perEpoch, r.steps/10))
	}
	if err := r.resume(); err != nil {
		return Result{}, err
	}
	resumed := r.state.Step
	r.pace.start()
	for !r.finished() {
		if err := ctx.Err(); err != nil {
			return Result{}, errors.Join(context.Cause(ctx), r.save())
		}
		if err := r.step(); err != nil {
			return Result{}, err
		}
	}
	result, err := r.result()
	result.Resumed = resumed
	return result, err
}

// finished reports whether there is nothing left to do but to choose.
func (r *run) finished() bool {
	points := r.state.Curve
	measured := len(points) > 0 && points[len(points)-1].Step == r.state.Step
	if r.state.Step >= r.steps {
		return measured
	}
	return measured && r.Patience > 0 && len(points)-1-r.state.best() >= r.Patience
}

// step takes the next step, and measures and saves where it is time to.
func (r *run) step() error {
	rate := r.Schedule.rate(r.state.Step, r.steps, r.Warmup) * r.Rate
	batches, tokens := r.next()
	loss, err := r.trainer.StepLM(rate, batches...)
	if err != nil {
		return err
	}
	report := Report{Rate: rate, Epoch: r.state.Step/r.perEpoch + 1, Steps: r.steps}
	r.state.Step++
	r.state.Loss = r.state.Loss.Add(loss)
	r.pace.add(tokens)
	report.Step, report.Loss = r.state.Step, r.state.Loss
	report.TokensPerSecond, report.Left = r.pace.perSecond(), r.pace.left(r.steps-r.state.Step)
	switch {
	case r.state.Step%r.Evaluate == 0 || r.state.Step == r.steps:
		p := Point{Step: report.Step, Epoch: report.Epoch, Rate: rate, Train: r.state.Loss.Mean()}
		if err := r.measure(&p); err != nil {
			return err
		}
		report.Point = &p
		r.pace.start()
	case r.Checkpoint > 0 && r.state.Step%r.Checkpoint == 0:
		if err := r.save(); err != nil {
			return err
		}
	}
	r.Progress(report)
	return nil
}

// measure measures the parameters, keeps them if they are needed, and saves the state.
func (r *run) measure(p *Point) error {
	loss, err := Measure(r.trainer, r.dev)
	if err != nil {
		return err
	}
	p.Dev = loss.Mean()
	if math.IsNaN(p.Dev) || math.IsInf(p.Dev, 0) {
		return fmt.Errorf("step %d: the loss of the development examples is %v: lower the learning rate", p.Step, p.Dev)
	}
	r.state.Curve, r.state.Loss = append(r.state.Curve, *p), trunk.Loss{}
	if r.state.needs(p.Step, r.Average) {
		if _, err := r.files.Write(paramsFile(p.Step), r.trainer.Save); err != nil {
			return err
		}
	}
	if err := r.save(); err != nil {
		return err
	}
	return r.sweep()
}

// Measure returns the loss of examples, whatever their number.
func Measure(trainer *trunk.Trainer, examples []trunk.Example) (trunk.Loss, error) {
	var total trunk.Loss
	for _, batch := range inLengths(trainer, examples) {
		list := make([]trunk.Example, len(batch))
		for i, k := range batch {
			list[i] = examples[k]
		}
		loss, err := trainer.LossLM(list)
		if err != nil {
			return total, err
		}
		total = total.Add(loss)
	}
	return total, nil
}
