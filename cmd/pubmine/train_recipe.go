package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/model/catalog"
)

// trainRecipeCommand is pubmine train recipe.
type trainRecipeCommand struct {
	Recipe nonEmpty `arg:"" help:"Recipe, such as the recipe.json of a model directory."`
	Data   nonEmpty `placeholder:"DIR" help:"Directory of the datasets (default: that of the recipe)."`
	Trunk  nonEmpty `placeholder:"DIR" help:"Directory of the trunk that the recipe trains, which is reused if it exists (default: --out with .trunk appended)."`
	Out    nonEmpty `required:"" placeholder:"DIR" help:"Model directory to write."`
	backendFlag
}

// Help is the description in pubmine train recipe --help.
func (*trainRecipeCommand) Help() string {
	return example("pubmine train recipe recipe.json --data datasets --out my-model") + `

Trains the trunk, if the recipe has texts for it, and then the heads of all tasks, from the datasets that the recipe names.`
}

// Run runs the command.
func (c *trainRecipeCommand) Run(ctx context.Context, std streams) error {
	recipe, err := train.ReadRecipe(string(c.Recipe))
	if err != nil {
		return usageError{err}
	}
	recipe.Data, recipe.Out, recipe.Backend = cmp.Or(string(c.Data), recipe.Data), string(c.Out), c.Backend
	if len(recipe.Trunk.Masked.Files) > 0 {
		recipe.TrunkDir = cmp.Or(string(c.Trunk), filepath.Clean(string(c.Out))+".trunk")
		if err := c.trainTrunk(ctx, recipe, std); err != nil {
			return jobs.Resumable(ctx, err)
		}
	}
	return jobs.Resumable(ctx, train.Run(ctx, recipe, progressLines(std.err)))
}

// trainTrunk trains the trunk of a recipe, unless it exists.
func (c *trainRecipeCommand) trainTrunk(ctx context.Context, recipe train.Recipe, std streams) error {
	if _, err := os.Stat(filepath.Join(recipe.TrunkDir, catalog.CardFile)); err == nil {
		fmt.Fprintf(std.err, "trunk: reusing %s: remove it to train it again\n", recipe.TrunkDir)
		return nil
	}
	dir, err := modeldir.Create(recipe.TrunkDir, modeldir.Options{})
	if err != nil {
		return err
	}
	defer dir.Close()
	plan, err := train.TrunkPlan(ctx, recipe, progressLines(std.err))
	if err != nil {
		return err
	}
	plan.Loop.Progress = stepLines(std.err)
	report := func(format string, args ...any) { fmt.Fprintf(std.err, "trunk: "+format+"\n", args...) }
	_, err = lm.Run(ctx, plan, cardTarget{dir}, dir.State(), report)
	return err
}
