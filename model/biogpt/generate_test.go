package biogpt

import (
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/decoding/decodingtest"
)

func TestGenerate(t *testing.T) {
	l := decoding.Limits{Slots: 3, Vocab: 20, MaxLen: 12}
	prompts := []model.Prompt{
		{IDs: []int32{2, 5}, MaxNew: 4},
		{IDs: []int32{2, 5, 6}, MaxNew: 40},
		{IDs: []int32{2, 7}, MaxNew: 5, Beams: 2, LengthPenalty: 1},
	}
	got := map[int]model.Completion{}
	keep := func(i int, c model.Completion) { got[i] = c }
	err := Generate(t.Context(), decodingtest.NewFake(l, decodingtest.Random(20)), l, prompts, keep)
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	for i, p := range prompts {
		r := decoding.Request{
			Prompt: p.IDs,
			Options: decoding.Options{
				MaxNew: min(p.MaxNew, 12-len(p.IDs)), Beams: p.Beams, LengthPenalty: p.LengthPenalty,
			},
		}
		alone, err := decoding.Run(
			t.Context(), decodingtest.NewFake(l, decodingtest.Random(20)), l, []decoding.Request{r},
		)
		if err != nil {
			t.Fatal(err)
		}
		want := alone[0][0].IDs()
		if ended := want[len(want)-1] == decoding.End; ended != got[i].Ended {
			t.Errorf("prompt %d: ended is %v", i, got[i].Ended)
		} else if ended {
			want = want[:len(want)-1]
		}
		if !slices.Equal(got[i].IDs, want) || len(got[i].LogProbs) != len(want) {
			t.Errorf("prompt %d: %v, want %v", i, got[i].IDs, want)
		}
	}
	if err := Generate(t.Context(), decodingtest.NewFake(l, decodingtest.Random(20)), l,
		[]model.Prompt{{IDs: make([]int32, 12), MaxNew: 1}}, keep); err == nil {
		t.Error("a prompt that fills all positions passes")
	}
}
