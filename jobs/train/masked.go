package train

import (
	"context"
	"fmt"
	"os"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// Masked says how the trunk learns from plain text before it learns tags: to say which words are
// hidden (package lm). What it learns there of names that no annotator saw is what features cannot
// know.
type Masked struct {
	Files  []string `json:"files"`  // of the pool, those of its records that are open
	Epochs int      `json:"epochs"` // passes over them
	Rate   float64  `json:"rate"`   // the highest learning rate
	Tokens int      `json:"tokens"` // of a step
}

// TrunkPlan says how the trunk of the recipe is trained before the heads: lm.Run makes the model
// directory that is to be Recipe.TrunkDir.
func TrunkPlan(ctx context.Context, r Recipe, progress Progress) (lm.Plan, error) {
	s := session{Recipe: r, progress: progress}
	all, _, err := dataset.Load(s.corpora())
	if err != nil {
		return lm.Plan{}, fmt.Errorf("train: trunk: %w", err)
	}
	s.held = dataset.NewHeldOut(s.given(all))
	plan, err := s.trunkPlan(ctx)
	if err != nil {
		return plan, fmt.Errorf("train: trunk: %w", err)
	}
	return plan, nil
}

func (s *session) trunkPlan(ctx context.Context) (lm.Plan, error) {
	if err := s.check(); err != nil {
		return lm.Plan{}, err
	}
	o := s.Trunk.Masked
	var docs []*schemas.Document
	for doc, err := range s.openRecords(ctx, o.Files) {
		if err != nil {
			return lm.Plan{}, err
		}
		docs = append(docs, doc)
	}
	plan := lm.Plan{
		Name: s.Name + " trunk", Licence: "Apache-2.0", Sources: o.Files, Backend: s.Backend, Attention: biogpt.Bidirectional, Window: s.Trunk.Window,
		New: lm.Sizes{
			Layers: s.Trunk.Layers, Hidden: s.Trunk.Hidden, Heads: s.Trunk.Heads, FFN: s.Trunk.FFN,
			Vocabulary: s.Trunk.Vocabulary,
		},
		Trainer: trunk.Options{Tokens: o.Tokens, Seed: s.Seed},
		Loop:    loop.Options{Rate: o.Rate, Warmup: 0.06, Epochs: o.Epochs, Checkpoint: 200, Seed: s.Seed},
	}
	plan.Train, plan.Dev = lm.Split(docs, nil, nil, s.Seed) // those that are held out are gone already
	return plan, nil
}

// readTrunk takes vocabulary and parameters that were trained before.
func (s *session) readTrunk() (err error) {
	dir := os.DirFS(s.TrunkDir)
	if s.words, err = tokenizer.Load(dir); err != nil {
		return err
	}
	if s.trunk, s.params, err = biogpt.Load(dir); err != nil {
		return err
	}
	if s.trunk.Attention != biogpt.Bidirectional {
		return fmt.Errorf(
			"%s: its attention is %s: heads for mentions read states of both sides", s.TrunkDir, s.trunk.Attention,
		)
	}
	if want := s.Trunk.config(s.words.Size()); want != s.trunk {
		return fmt.Errorf(
			"%s: a trunk of other sizes than the recipe's: remove it to have it trained again", s.TrunkDir,
		)
	}
	return nil
}
