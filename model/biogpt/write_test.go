package biogpt

import (
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt/generate"
	"github.com/pubmine/pubmine/model/biogpt/generate/generatetest"
)

func TestWrite(t *testing.T) {
	l := generate.Limits{Slots: 3, Vocab: 20, MaxLen: 12}
	prompts := []model.Prompt{{IDs: []int32{2, 5}, MaxNew: 4}, {IDs: []int32{2, 5, 6}, MaxNew: 40}, {IDs: []int32{2, 7}, MaxNew: 5, Beams: 2, LengthPenalty: 1}}
	got, err := Write(t.Context(), generatetest.NewFake(l, generatetest.Random(20)), l, prompts)
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	for i, p := range prompts {
		r := generate.Request{Prompt: p.IDs, Options: generate.Options{MaxNew: min(p.MaxNew, 12-len(p.IDs)), Beams: p.Beams, LengthPenalty: p.LengthPenalty}}
		alone, err := generate.Run(t.Context(), generatetest.NewFake(l, generatetest.Random(20)), l, []generate.Request{r})
		if err != nil {
			t.Fatal(err)
		}
		want := alone[0][0].IDs()
		if ended := want[len(want)-1] == generate.End; ended != got[i].Ended {
			t.Errorf("prompt %d: ended is %v", i, got[i].Ended)
		} else if ended {
			want = want[:len(want)-1]
		}
		if !slices.Equal(got[i].IDs, want) || len(got[i].LogProbs) != len(want) {
			t.Errorf("prompt %d: %v, want %v", i, got[i].IDs, want)
		}
	}
	if _, err := Write(t.Context(), generatetest.NewFake(l, generatetest.Random(20)), l, []model.Prompt{{IDs: make([]int32, 12), MaxNew: 1}}); err == nil {
		t.Error("a prompt that fills all positions passes")
	}
}
