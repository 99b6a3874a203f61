package main

import (
	"io"
	"text/tabwriter"
)

// modelCommand groups the commands about models.
type modelCommand struct {
	List    modelListCommand    `cmd:"" help:"List the bundled model and those that were pulled."`
	Info    modelInfoCommand    `cmd:"" exits:"42" help:"Show the contents of a model or checkpoint."`
	Convert modelConvertCommand `cmd:"" exits:"42 75" help:"Convert a checkpoint of Hugging Face or fairseq to a model directory."`
	Check   modelCheckCommand   `cmd:"" exits:"42 75" help:"Compare the outputs of a model with a file of expected outputs."`
	Pull    modelPullCommand    `cmd:"" exits:"42 75" help:"Download a model from the Hugging Face Hub and convert it."`
}

// Help is the description in pubmine model --help.
func (*modelCommand) Help() string { return example("pubmine model info bundled") }

// tableWriter aligns columns that are separated by tabs.
func tableWriter(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }
