package expected

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"

	"github.com/pubmine/pubmine/model/biogpt"
)

func written(score float64, ids []int32, probs ...float64) decoding.Sequence {
	s := decoding.Sequence{Score: score}
	for i, id := range ids {
		s.Tokens = append(s.Tokens, decoding.Choice{ID: id, LogProb: probs[i]})
	}
	return s
}

func TestCompareSequences(t *testing.T) {
	g := generation{
		input: input{
			Name: "run",
		}, Tokens: [][]int32{{7, 2, 1, 1}, {8, 9}}, LogProbs: [][]float64{{-1, -2}, {-3, -4}},
		Scores: []float64{-1.5, -3.5},
	}
	right := []decoding.Sequence{written(-1.5, []int32{7, 2}, -1, -2), written(-3.5, []int32{8, 9}, -3, -4)}
	for _, c := range []struct {
		name string
		got  []decoding.Sequence
		want Result
	}{
		{"the same", right, Result{Name: "run", Values: 2}},
		{"another probability", []decoding.Sequence{right[0], written(-3.5, []int32{8, 9}, -3, -4.5)},
			Result{Name: "run", Values: 2, LogProb: 0.5}},
		{"another score", []decoding.Sequence{written(-1.25, []int32{7, 2}, -1, -2), right[1]},
			Result{Name: "run", Values: 2, LogProb: 0.25}},
		{"another token", []decoding.Sequence{right[0], written(9, []int32{8, 8}, 9, 9)},
			Result{Name: "run", Values: 2, Wrong: 1, Mismatch: "sequence 1 is [8 8] instead of [8 9]"}},
		{"one too few", right[:1], Result{Name: "run", Wrong: 1, Mismatch: "1 sequences instead of 2"}},
	} {
		if diff := cmp.Diff(c.want, g.compare(c.got)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	g.LogProbs[0] = g.LogProbs[0][:1]
	if r := g.compare(right); !math.IsInf(r.LogProb, 1) {
		t.Errorf("a probability is missing: %+v", r)
	}
}

func TestOptions(t *testing.T) {
	for text, want := range map[string]decoding.Options{
		`{}`: {Beams: 1, LengthPenalty: 1, Return: 1},
		`{"num_beams":5,"max_new_tokens":24,"length_penalty":2,"early_stopping":true,"num_return_sequences":3}`: {
			Beams: 5, MaxNew: 24, LengthPenalty: 2, EarlyStopping: decoding.StopFull, Return: 3},
		`{"max_length":60,"min_length":28,"min_new_tokens":14,"length_penalty":0,"early_stopping":false}`: {
			Beams: 1, MaxLength: 60, MinLength: 28, MinNew: 14, Return: 1},
	} {
		got, err := generation{Options: json.RawMessage(text)}.options()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
	for _, text := range []string{`{"do_sample":true}`, `{"num_beams":"5"}`, `{"early_stopping":"never"}`, ``} {
		if _, err := (generation{input: input{Name: "run"}, Options: json.RawMessage(text)}).options(); err == nil ||
			!strings.Contains(err.Error(), "run") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Without padding, a sequence's tokens keep their order, and place returns the new place of each.
func TestPadding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "columns")
		in := input{
			IDs:  [][]int32{make([]int32, n)},
			Mask: [][]int32{rapid.SliceOfN(rapid.Int32Range(0, 1), n, n).Draw(t, "mask")},
		}
		for i := range in.IDs[0] {
			in.IDs[0][i] = int32(i)
		}
		row := in.sequences()[0]
		seen := 0
		for column, m := range in.Mask[0] {
			if m == 0 {
				continue
			}
			if at := in.place(0, column); row[at] != int32(column) {
				t.Fatalf("column %d became token %d, which is column %d", column, at, row[at])
			}
			seen++
		}
		if seen != len(row) {
			t.Fatalf("%d tokens instead of %d", len(row), seen)
		}
	})
}

// Only batches with expected outputs are computed.
func TestCompareParts(t *testing.T) {
	_, cfg, params, _ := model(t)
	b := device.OpenCPU()
	e, err := biogpt.NewEngine(b, cfg, params)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := Subject{Backend: b, Config: cfg, Weights: params, Engine: e, Slots: 2}
	in := input{Name: "x", IDs: [][]int32{{2, 5}}, Mask: [][]int32{{1, 1}}}
	run := generation{input: in, Options: json.RawMessage(`{"max_new_tokens":2}`)}
	for _, c := range []struct {
		file File
		want int
	}{
		{File{Forwards: []forward{{input: in}}}, 1}, {File{Generations: []generation{run}}, 1},
		{File{Forwards: []forward{{input: in}}, Generations: []generation{run, run}}, 3},
		{File{Forwards: []forward{{input: in, Rule: "arange"}}}, 0},
	} {
		results, err := c.file.Compare(context.Background(), s)
		if err != nil || len(results) != c.want {
			t.Errorf("%d results instead of %d, %v", len(results), c.want, err)
		}
	}
	s.Slots = 0
	if _, err := (&File{Generations: []generation{run}}).Compare(context.Background(), s); err == nil {
		t.Error("a run in no slots")
	}
	graphs, _, _, engine := model(t)
	s = Subject{Backend: graphs, Config: cfg, Weights: biogpt.Params{}, Engine: engine}
	if _, err := (&File{Forwards: []forward{{input: in}}}).Compare(context.Background(), s); err == nil ||
		!strings.Contains(err.Error(), biogpt.TokenTable) {
		t.Errorf("no token table: %v", err)
	}
}
