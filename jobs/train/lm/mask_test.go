package lm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

// letters is a vocabulary of letters, and of "ab" at the end of a word.
func letters(t *testing.T) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.New(
		[]string{"<s>", "<pad>", "</s>", "<unk>", "a", "b", "c", "a</w>", "b</w>", "c</w>", "ab</w>"},
		[]bpe.Pair{{Left: "a", Right: "b</w>"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestMaskedWordsAreWhole(t *testing.T) {
	words := letters(t)
	m := newMasker(words)
	tokens := words.Encode("abc ab b z cc")
	tokens = append(tokens, words.Encode("c")...)
	if got, want := m.words(tokens), [][2]int{{1, 4}, {4, 5}, {5, 6}, {7, 9}, {10, 11}}; !slices.Equal(got, want) {
		t.Fatalf("words of %v at %v, want %v", tokens, got, want)
	}
	before := slices.Clone(tokens)
	masked, places := 0, 0
	for seed := range uint64(2000) {
		e := m.mask(trunk.Example{Tokens: tokens}, rand.New(rand.NewPCG(seed, 1)))
		if !slices.Equal(tokens, before) {
			t.Fatal("the example itself was changed")
		}
		some := false
		for _, w := range m.words(tokens) {
			hidden := e.Targets[w[0]] != trunk.NoTarget
			some = some || hidden
			places++
			for i := w[0]; i < w[1]; i++ {
				switch {
				case hidden && (e.Tokens[i] != biogpt.UnknownID || e.Targets[i] != tokens[i]):
					t.Fatalf("%v: %v", tokens, e)
				case !hidden && (e.Tokens[i] != tokens[i] || e.Targets[i] != trunk.NoTarget):
					t.Fatalf("%v: %v", tokens, e)
				}
			}
			if hidden {
				masked++
			}
		}
		if !some || e.Targets[0] != trunk.NoTarget || e.Targets[6] != trunk.NoTarget {
			t.Fatalf("%v: %v", tokens, e)
		}
	}
	// One word is masked where none would be: 0.75^5 of the time.
	if share, want := float64(masked)/float64(places), 0.25+math.Pow(0.75, 5)/5; math.Abs(share-want) > 0.015 {
		t.Errorf("%.3f of the words are masked, want %.3f", share, want)
	}
}

func TestNothingToMask(t *testing.T) {
	e := newMasker(letters(t)).mask(trunk.Example{Tokens: []int32{2, 3}}, rand.New(rand.NewPCG(1, 1)))
	if !equal(e, trunk.Example{Tokens: []int32{2, 3}, Targets: []int32{trunk.NoTarget, trunk.NoTarget}}) {
		t.Errorf("%v", e)
	}
}
