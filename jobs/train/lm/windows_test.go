package lm

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
)

func TestCut(t *testing.T) {
	got := cut([]int32{2, 10, 11, 12, 13}, 3)
	want := []trunk.Example{
		{Tokens: []int32{2, 10, 11}, Targets: []int32{10, 11, 12}},
		{Tokens: []int32{12, 13}, Targets: []int32{13, 2}},
	}
	if !slices.EqualFunc(got, want, equal) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := cut([]int32{2}, 3); !slices.EqualFunc(
		got, []trunk.Example{{Tokens: []int32{2}, Targets: []int32{2}}}, equal,
	) {
		t.Errorf("an empty text: %v", got)
	}
}

func equal(a, b trunk.Example) bool {
	return slices.Equal(a.Tokens, b.Tokens) && slices.Equal(a.Targets, b.Targets)
}

// Windows have the permitted length, every part is in one window, complete, and every token of a
// text is predicted once, from the one before it.
func TestWindowsHoldEveryTokenOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := rapid.IntRange(1, 12).Draw(t, "window")
		var (
			parts []trunk.Example
			next  int32 = 4
			want  []int32
		)
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 30), 1, 80).Draw(t, "lengths") {
			ids := []int32{biogpt.EndID}
			for range n {
				ids, want = append(ids, next), append(want, next)
				next++
			}
			want = append(want, biogpt.EndID)
			parts = append(parts, cut(ids, window)...)
		}
		var targets []int32
		sequences := map[int32]int32{} // from a token to its target
		for _, w := range pack(parts, window) {
			if len(w.Tokens) == 0 || len(w.Tokens) > window || len(w.Tokens) != len(w.Targets) {
				t.Fatalf("a window of %d tokens and %d targets", len(w.Tokens), len(w.Targets))
			}
			targets = append(targets, w.Targets...)
			for i, id := range w.Tokens {
				if id != biogpt.EndID {
					sequences[id] = w.Targets[i]
				}
			}
		}
		slices.Sort(targets)
		slices.Sort(want)
		if !slices.Equal(targets, want) {
			t.Fatalf("targets %v, want %v", targets, want)
		}
		for id, target := range sequences {
			if target != biogpt.EndID && target != id+1 {
				t.Fatalf("%d is followed by %d", id, target)
			}
		}
	})
}

// Packing texts with the lengths of abstracts into windows that are shorter than the longest gives
// little padding.
func TestPackingWastesLittle(t *testing.T) {
	var parts []trunk.Example
	tokens := 0
	for i := range 2000 {
		n := 150 + i*7919%350
		tokens += n
		parts = append(parts, cut(make([]int32, n), 256)...)
	}
	if full := len(pack(parts, 256)) * 256; float64(full) > 1.08*float64(tokens) {
		t.Errorf("%d tokens in windows of %d", tokens, full)
	}
}
