package pipeline

import (
	"fmt"
	"iter"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// startToken is </s>, which BioGPT was trained with in front of every text. Its id is fixed by
// fairseq's dictionaries, in which <s>, <pad>, </s> and <unk> are always 0 to 3.
const startToken = 2

// item is one record in the pipeline.
type item struct {
	doc         *schemas.Document
	reject      *schemas.Reject      // of the source, in place of doc
	text        *model.Text          // nil for a deletion, and if preparing failed
	missing     int                  // windows without states, and prompts without completions
	windows     [][]float32          // states of each window
	states      model.States         // of all windows
	prompts     [][]model.Prompt     // of each task
	completions [][]model.Completion // of the prompts of each task
	reused      *Reused              // nil if nothing is
	rejects     []schemas.Reject     // of the pipeline, beside doc
	rows        schemas.Rows
	kept        bool // rows is of an earlier run, and nothing else is set
}

// work passes between the stages: consecutive records of one chunk, or the end of a unit.
type work struct {
	unit  *unit
	chunk int
	items []*item
	last  bool // the last part of the chunk
	end   bool // the unit has chunk chunks; there are no items
}

// unit is a unit being written.
type unit struct {
	schemas.Unit
	writer UnitWriter
}

// groups cuts a chunk into groups of whole records with at most limit tokens each. Every chunk has
// at least one group.
func groups(w *work, limit int) iter.Seq[*work] {
	return func(yield func(*work) bool) {
		start, tokens := 0, 0
		for i, it := range w.items {
			n := it.tokens()
			if i > start && tokens+n > limit {
				if !yield(&work{unit: w.unit, chunk: w.chunk, items: w.items[start:i]}) {
					return
				}
				start, tokens = i, 0
			}
			tokens += n
		}
		yield(&work{unit: w.unit, chunk: w.chunk, items: w.items[start:], last: true})
	}
}

func (it *item) tokens() int {
	if it.text == nil {
		return 0
	}
	return len(it.text.Tokens)
}

// sequences returns the token ids of the windows of a text, each after the start token.
func sequences(t *model.Text) [][]int32 {
	out := make([][]int32, len(t.Windows))
	for i, w := range t.Windows {
		out[i] = make([]int32, 1, 1+w.End-w.Start)
		out[i][0] = startToken
		for _, token := range t.Tokens[w.Start:w.End] {
			out[i] = append(out[i], token.ID)
		}
	}
	return out
}

// stitch puts the rows of a text's windows into token order, without those of the start tokens.
func stitch(t *model.Text, dim int, windows [][]float32) (model.States, error) {
	for i, w := range t.Windows {
		if want := (1 + w.End - w.Start) * dim; len(windows[i]) != want {
			return model.States{}, fmt.Errorf(
				"encoder gave %d values for a window of %d tokens of width %d, not %d", len(windows[i]),
				w.End-w.Start, dim, want,
			)
		}
	}
	if len(t.Windows) == 1 && t.Windows[0] == (model.Window{Start: 0, End: len(t.Tokens)}) {
		return model.States{Dim: dim, Data: windows[0][dim:]}, nil
	}
	data := make([]float32, len(t.Tokens)*dim)
	for i, w := range t.Windows {
		copy(data[w.Start*dim:w.End*dim], windows[i][dim:])
	}
	return model.States{Dim: dim, Data: data}, nil
}
