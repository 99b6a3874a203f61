// Package loop trains a language model: it passes examples to a trunk.Trainer, measures the dev set
// at intervals, and keeps the best parameters.
//
// The examples of a step are a function of the seed and the epoch. Examples of similar length share
// a batch, so that there is little padding; a step is Options.Accumulate batches. The learning rate
// rises linearly for Options.Warmup of the steps, and then decays.
//
// A run saves its state in Files, and is resumed from there when it is started again:
//
//	state.safetensors           state of the trainer; the metadata "loop" holds progress
//	step-00000200.safetensors   parameters at a measurement, if the best so far or to be averaged
//
// The state is written after every measurement, every Options.Checkpoint steps, and when the
// context ends. Parameters are written before the first state that refers to them, and removed
// after the first that does not. So a run may be killed at any moment: the resumed run ends with
// the same bytes as an uninterrupted one, on the same backend and machine. A run with other data or
// options than those of the state is an error.
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

// Options of a run. Fields without a default have no effect when they are zero.
type Options struct {
	Rate       float64  // peak learning rate
	Warmup     float64  // share of the steps
	Schedule   Schedule // default Cosine
	Accumulate int      // batches of a step; default 1
	Epochs     int      // passes over the examples; default 1
	Steps      int      // instead of Epochs
	Evaluate   int      // measure every n steps, and at the end; by default ten times, at least once per epoch
	Checkpoint int      // save the state every n steps, in addition to after each measurement
	Patience   int      // early stopping: end after n measurements in a row that are not better than the best
	Average    int      // 2 or more: the result is the mean of the parameters of the last n measurements
	Seed       uint64
	Start      string // name of the initial parameters: a run is resumed only with the same name

	// Vary augments an example, as masking does. It is a function of its arguments only.
	Vary     func(e trunk.Example, random *rand.Rand) trunk.Example
	Progress func(Report)
}

// Report is the progress of a run after a step.
type Report struct {
	Step, Steps     int
	Epoch           int // of the step, from 1
	Rate            float64
	Loss            trunk.Loss    // training loss since the last measurement
	Point           *Point        // the measurement after this step; nil after most steps
	TokensPerSecond float64       // without padding, recently
	Left            time.Duration // until the last step, without measurements
}

// Point is the measurement after a step.
type Point struct {
	Step  int     `json:"step"`
	Epoch int     `json:"epoch"` // from 1
	Rate  float64 `json:"rate"`
	Train float64 `json:"train"` // mean loss per target since the last point, with dropout
	Dev   float64 `json:"dev"`   // mean loss per target on the dev set
}

// Result is the result of a run.
type Result struct {
	Params  biogpt.Params // the best on the dev set, or the mean of Options.Average
	Dev     trunk.Loss    // of Params
	Curve   []Point
	Best    int // step of the best point
	Steps   int // taken
	Resumed int // step from which this call resumed
}

// Files is the directory of the state of a run. Every file in it is complete.
type Files interface {
	fs.FS
	// Write makes or replaces a file, durably, and returns its sha256 in hex.
	Write(name string, write func(io.Writer) error) (sum string, err error)
	// Remove removes a file. A file that does not exist is no error.
	Remove(name string) error
}

// ErrOther means that a directory holds the state of another run.
var ErrOther = errors.New("the directory holds the state of another training")

// run is the state of a run.
type run struct {
	Options
	trainer    *trunk.Trainer
	train, dev []trunk.Example
	files      Files
	state      progress
	steps      int     // in total
	perEpoch   int     // steps
	epoch      int     // that batches belong to, from 0; -1 before the first
	batches    [][]int // of the epoch: indices of examples
	pace       pace
}

// Run trains until the last step, or until patience or the context ends. When the context ends, it
// saves the state and returns the error of the context. Train and dev must not be empty. The
// trainer must be new. Run leaves it with the parameters of the result.
func Run(
	ctx context.Context, trainer *trunk.Trainer, train, dev []trunk.Example, files Files, o Options,
) (Result, error) {
	if len(train) == 0 || len(dev) == 0 {
		return Result{}, fmt.Errorf(
			"loop: %d training examples, %d of the dev set: both are needed", len(train), len(dev),
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

// finished reports whether training has ended.
func (r *run) finished() bool {
	points := r.state.Curve
	measured := len(points) > 0 && points[len(points)-1].Step == r.state.Step
	if r.state.Step >= r.steps {
		return measured
	}
	return measured && r.Patience > 0 && len(points)-1-r.state.best() >= r.Patience
}

// step takes the next step, and measures and saves when due.
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
		return fmt.Errorf("step %d: the loss of the dev set is %v: lower the learning rate", p.Step, p.Dev)
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
