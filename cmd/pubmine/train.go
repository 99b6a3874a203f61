package main

import (
	"context"
	"fmt"

	"github.com/pubmine/pubmine/model/train"
)

// trainCommand is pubmine train.
type trainCommand struct {
	Recipe string `arg:"" help:"Recipe, as the recipe.json of a model directory."`
	Data   string `placeholder:"DIR" help:"Folder of the corpora, in place of the recipe's."`
	Out    string `required:"" placeholder:"DIR" help:"Model directory to write."`
}

// Run runs the command.
func (c *trainCommand) Run(ctx context.Context, std streams) error {
	recipe, err := train.ReadRecipe(c.Recipe)
	if err != nil {
		return usageError{err}
	}
	if c.Data != "" {
		recipe.Data = c.Data
	}
	recipe.Out = c.Out
	return train.Run(ctx, recipe, func(stage string, done, total int, note string) {
		fmt.Fprintf(std.err, "%s %d of %d: %s\n", stage, done, total, note)
	})
}
