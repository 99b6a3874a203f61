package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/model/convert"
)

// Model prints the parts of a model and its card.
func Model(w io.Writer, m *convert.Model) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, values ...any) { inert.Fprintf(out, name+"\t"+format+"\n", values...) }
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
