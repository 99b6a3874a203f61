package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/schemas"
)

// Masked is the training of the trunk on plain text before it is trained on tags: it predicts
// masked words (package lm).
type Masked struct {
	Files  []string `json:"files"`  // of the pool; records without an open licence are left out
	Epochs int      `json:"epochs"` // passes over them
	Rate   float64  `json:"rate"`   // peak learning rate
	Tokens int      `json:"tokens"` // of a step
}

// openTrunk opens TrunkDir for a recipe whose trunk is trained on text. It returns nil when there
// is nothing to train.
func (r *recipeReader) openTrunk() (*modeldir.Writer, error) {
	if len(r.Trunk.Masked.Files) == 0 {
		return nil, nil
	}
	r.TrunkDir = cmp.Or(r.TrunkDir, filepath.Clean(r.Out)+".trunk")
	dir, err := modeldir.Create(r.TrunkDir, modeldir.Options{})
	if errors.Is(err, modeldir.ErrComplete) || errors.Is(err, modeldir.ErrFinished) {
		r.progress("trunk", 1, 1, r.TrunkDir+" is trained already: remove it to train it again")
		return nil, nil
	}
	return dir, err
}

// trainTrunk trains the trunk of a recipe on text. A training that was stopped is resumed.
func (r *recipeReader) trainTrunk(ctx context.Context, dir *modeldir.Writer) error {
	p, err := r.trunkPlan(ctx)
	if err != nil {
		return err
	}
	p.Loop.Progress = loopProgress("trunk", r.progress)
	_, err = lm.Run(ctx, p, dir, func(format string, args ...any) {
		r.progress("trunk", 0, 1, fmt.Sprintf(format, args...))
	})
	return err
}

// trunkPlan returns the plan of training the trunk on text.
func (r *recipeReader) trunkPlan(ctx context.Context) (lm.Plan, error) {
	o := r.Trunk.Masked
	var docs []*schemas.Document
	for doc, err := range r.records(ctx, o.Files) {
		if err != nil {
			return lm.Plan{}, err
		}
		docs = append(docs, doc)
	}
	p := lm.Plan{
		Name: r.Name + " trunk", Licence: "Apache-2.0", Sources: o.Files, Backend: r.Backend,
		Attention: biogpt.Bidirectional, Window: r.Trunk.Window,
		New: lm.Sizes{
			Layers: r.Trunk.Layers, Hidden: r.Trunk.Hidden, Heads: r.Trunk.Heads, FFN: r.Trunk.FFN,
			Vocabulary: r.Trunk.Vocabulary,
		},
		Trainer: trunk.Options{Tokens: o.Tokens, Seed: r.Seed},
		Loop:    loop.Options{Rate: o.Rate, Warmup: 0.06, Epochs: o.Epochs, Checkpoint: 200, Seed: r.Seed},
	}
	p.Train, p.Dev = lm.Split(docs, nil, nil, r.Seed) // records has removed what is held out
	return p, nil
}

// progressInterval is the minimum time between two reports of steps without a measurement.
const progressInterval = 10 * time.Second

// loopProgress returns progress for a loop: measurements, and steps now and then.
func loopProgress(stage string, progress Progress) func(loop.Report) {
	last := time.Now()
	return func(r loop.Report) {
		note := ""
		switch {
		case r.Point != nil:
			note = fmt.Sprintf("loss %.4f, on the dev set %.4f", r.Point.Train, r.Point.Dev)
		case time.Since(last) > progressInterval:
			note = fmt.Sprintf(
				"loss %.4f, %.0f tokens/s, %s left", r.Loss.Mean(), r.TokensPerSecond, r.Left.Round(time.Second),
			)
		default:
			return
		}
		last = time.Now()
		progress(stage, r.Step, r.Steps, note)
	}
}
