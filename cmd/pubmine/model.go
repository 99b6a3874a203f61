package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/pubmine/pubmine/model/convert"
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

// printModel prints what a model consists of.
func printModel(w io.Writer, m *convert.Model) error {
	out := tableWriter(w)
	row := func(name, format string, values ...any) { fmt.Fprintf(out, name+"\t"+format+"\n", values...) }
	parameters, types := m.Parameters()
	row("format", "%s: %s, %.1f MB", m.Weights.Format, strings.Join(m.Weights.Files, ", "),
		float64(m.Weights.Bytes)/1e6)
	row("parameters", "%d of type %s", parameters, strings.Trim(fmt.Sprint(types), "[]"))
	row("trunk", "%d layers of width %d, %d heads, feed-forward width %d, %d positions, %s", m.Config.Layers,
		m.Config.Hidden, m.Config.Heads, m.Config.FFN, m.Config.MaxPositions, cmp.Or(m.Config.Attention, "causal"))
	if m.Pieces == 0 {
		row("vocabulary", "none for %d embeddings", m.Config.Vocab)
	} else {
		row("vocabulary", "%d tokens for %d embeddings", m.Pieces, m.Config.Vocab)
	}
	if len(m.Left) > 0 {
		row("not needed", "%s", strings.Join(m.Left, ", "))
	}
	if m.Card == nil {
		row("card", "none: pubmine model convert writes one")
		return out.Flush()
	}
	row("name", "%s@%s", m.Card.Name, cmp.Or(m.Card.Version, "unversioned"))
	row("description", "%s", m.Card.Description)
	row("licence", "%s", m.Card.Licence)
	row("tasks", "%s", cmp.Or(strings.Join(m.Card.Tasks, ", "), "none"))
	if len(m.Card.Types) > 0 {
		row("types", "%s", strings.Join(m.Card.Types, ", "))
	}
	return out.Flush()
}
