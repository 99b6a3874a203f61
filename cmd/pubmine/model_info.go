package main

import (
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/models"
)

// modelInfoCommand is pubmine model info.
type modelInfoCommand struct {
	Model flags.Name `arg:"" help:"Name of a model, model directory, or file of weights."`
}

// Help is the description in pubmine model info --help.
func (*modelInfoCommand) Help() string {
	return example("pubmine model info bundled", "pubmine model info checkpoint/pytorch_model.bin")
}

// Run runs the command.
func (c *modelInfoCommand) Run(std streams) error {
	m, err := models.Open(string(c.Model))
	if err != nil {
		return err
	}
	defer m.Close()
	return view.Model(std.out, m)
}
