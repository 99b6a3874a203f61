package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/model/catalog"
)

// byRecipe trains a model by a recipe: the trunk first, if the recipe has text for it.
func (c *trainCommand) byRecipe(ctx context.Context, std streams) error {
	recipe, err := train.ReadRecipe(c.Recipe)
	if err != nil {
		return usageError{err}
	}
	recipe.Data, recipe.Out, recipe.Backend = cmp.Or(c.Data, recipe.Data), c.Out, c.Backend
	if len(recipe.Trunk.Masked.Files) > 0 {
		recipe.TrunkDir = cmp.Or(c.Trunk, filepath.Clean(c.Out)+".trunk")
		if err := c.trunk(ctx, recipe, std); err != nil {
			return err
		}
	}
	return train.Run(ctx, recipe, progressLines(std))
}

// trunk trains the trunk of a recipe, unless it was trained before.
func (c *trainCommand) trunk(ctx context.Context, recipe train.Recipe, std streams) error {
	if _, err := os.Stat(filepath.Join(recipe.TrunkDir, catalog.CardFile)); err == nil {
		fmt.Fprintf(std.err, "trunk: %s is there; remove it to have it trained again\n", recipe.TrunkDir)
		return nil
	}
	folder, err := createModel(recipe.TrunkDir, modeldir.Options{})
	if err != nil {
		return err
	}
	defer folder.Close()
	plan, err := train.TrunkPlan(ctx, recipe, progressLines(std))
	if err != nil {
		return err
	}
	plan.Loop.Progress = stepLines(std.err)
	say := func(format string, args ...any) { fmt.Fprintf(std.err, "trunk: "+format+"\n", args...) }
	_, err = lm.Run(ctx, plan, cardTarget{folder}, folder.State(), say)
	return err
}
