package main

import (
	"cmp"
	"context"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/train"
)

// trainRecipeCommand is pubmine train recipe.
type trainRecipeCommand struct {
	Recipe flags.Name `arg:"" help:"Recipe, such as the recipe.json of a model directory."`
	Data   flags.Name `placeholder:"DIR" help:"Directory of the datasets (default: that of the recipe)."`
	Trunk  flags.Name `placeholder:"DIR" xor:"trunk" help:"Directory of the trunk that the recipe trains, which is reused if it exists (default: --out with .trunk appended)."`
	Only   []string   `placeholder:"TASK,..." xor:"trunk" help:"Train the heads of these tasks alone, in the model that --out holds, of which all else stays."`
	Out    flags.Name `required:"" placeholder:"DIR" help:"Model directory to write."`
	backendFlag
}

// Help is the description in pubmine train recipe --help.
func (*trainRecipeCommand) Help() string {
	return example("pubmine train recipe recipe.json --data datasets --out my-model") + `

Trains the trunk, if the recipe has texts for it, and then the heads of all tasks, from the
datasets that the recipe names. --only trains some heads again:

  pubmine train recipe my-model/recipe.json --only relations --out my-model`
}

// Run runs the command.
func (c *trainRecipeCommand) Run(ctx context.Context, std streams) error {
	recipe, err := train.ReadRecipe(string(c.Recipe))
	if err != nil {
		return exit.UsageError{Err: err}
	}
	recipe.Data, recipe.Out, recipe.Backend = cmp.Or(string(c.Data), recipe.Data), string(c.Out), c.Backend
	recipe.TrunkDir, recipe.Only = string(c.Trunk), c.Only
	_, err = train.Run(ctx, recipe, progressLines(std.err))
	return jobs.Resumable(ctx, err)
}
