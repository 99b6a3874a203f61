package pipeline

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
)

// textOf makes a text of n tokens, with ids from 10, cut into windows.
func textOf(t *rapid.T, n int) *model.Text {
	text := &model.Text{}
	for i := range n {
		text.Tokens = append(text.Tokens, model.Token{ID: int32(10 + i)})
	}
	for start := 0; start < n; {
		end := rapid.IntRange(start+1, n).Draw(t, "window")
		text.Windows = append(text.Windows, model.Window{Start: start, End: end})
		start = end
	}
	return text
}

func TestGroupsTileTheChunk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &work{chunk: 3}
		for range rapid.IntRange(0, 12).Draw(t, "records") {
			it := &item{}
			if n := rapid.IntRange(-1, 50).Draw(t, "tokens"); n >= 0 {
				it.text = textOf(t, n)
			}
			w.items = append(w.items, it)
		}
		limit := rapid.IntRange(1, 100).Draw(t, "limit")
		var all []*item
		last := 0
		for g := range groups(w, limit) {
			tokens := 0
			for _, it := range g.items {
				tokens += it.tokens()
			}
			if tokens > limit && len(g.items) > 1 {
				t.Errorf("%d tokens of %d records at once, more than %d", tokens, len(g.items), limit)
			}
			if g.last {
				last++
			}
			if g.chunk != 3 || last > 0 && !g.last {
				t.Errorf("group %+v", g)
			}
			all = append(all, g.items...)
		}
		if last != 1 || !slices.Equal(all, w.items) {
			t.Errorf("%d last groups, %d of %d records", last, len(all), len(w.items))
		}
	})
}

func TestGroupsMayBeLeftEarly(t *testing.T) {
	w := &work{
		items: []*item{
			{text: &model.Text{Tokens: make([]model.Token, 5)}},
			{text: &model.Text{Tokens: make([]model.Token, 5)}},
		},
	}
	for range groups(w, 5) {
		break
	}
}

// However a text is cut into windows, row i of its states is the one that the encoder gave for
// token i.
func TestStitchInvertsSequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := textOf(t, rapid.IntRange(0, 40).Draw(t, "tokens"))
		dim := rapid.IntRange(1, 4).Draw(t, "dim")
		var windows [][]float32
		for _, s := range sequences(text) {
			if s[0] != startToken {
				t.Errorf("sequence %v", s)
			}
			var rows []float32
			for _, id := range s {
				rows = append(rows, slices.Repeat([]float32{float32(id)}, dim)...)
			}
			windows = append(windows, rows)
		}
		states, err := stitch(text, dim, windows)
		if err != nil {
			t.Fatal(err)
		}
		if len(states.Data) != dim*len(text.Tokens) {
			t.Fatalf("%d values", len(states.Data))
		}
		for i, token := range text.Tokens {
			if states.Row(i)[dim-1] != float32(token.ID) {
				t.Errorf("row %d is %v, the token %d", i, states.Row(i), token.ID)
			}
		}
		if len(windows) > 0 {
			windows[0] = windows[0][1:]
			if _, err := stitch(text, dim, windows); err == nil {
				t.Error("a missing value goes unnoticed")
			}
		}
	})
}

func TestOptionsDefaults(t *testing.T) {
	if o := (Options{}).WithDefaults(); o.Chunk != 256 || o.GroupTokens != 65_536 || o.Workers < 1 {
		t.Errorf("%+v", o)
	}
	set := Options{Chunk: 1, GroupTokens: 2, Workers: 3, Keep: 4}
	if set.WithDefaults() != set {
		t.Error("defaults replace what is set")
	}
}
