package lm

import (
	"math/rand/v2"
	"strings"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

// maskShare is the share of the words that are masked.
const maskShare = 0.25

// masker masks whole words.
type masker struct {
	ends []bool // by id: whether the piece ends a word
}

func newMasker(tok *tokenizer.Tokenizer) masker {
	m := masker{make([]bool, tok.Size())}
	for id := range m.ends {
		m.ends[id] = strings.HasSuffix(tok.Piece(int32(id)), bpe.EndOfWord)
	}
	return m
}

// mask returns the example with some of its words replaced by <unk>; the targets are the tokens of
// these words. </s> and <unk> are never masked. At least one word is masked, unless there is none.
func (m masker) mask(e trunk.Example, random *rand.Rand) trunk.Example {
	out := trunk.Example{Tokens: make([]int32, len(e.Tokens)), Targets: make([]int32, len(e.Tokens))}
	copy(out.Tokens, e.Tokens)
	for i := range out.Targets {
		out.Targets[i] = trunk.NoTarget
	}
	words := m.words(e.Tokens)
	hide := func(w [2]int) {
		for i := w[0]; i < w[1]; i++ {
			out.Tokens[i], out.Targets[i] = biogpt.UnknownID, e.Tokens[i]
		}
	}
	hidden := false
	for _, w := range words {
		if random.Float64() < maskShare {
			hide(w)
			hidden = true
		}
	}
	if !hidden && len(words) > 0 {
		hide(words[random.IntN(len(words))])
	}
	return out
}

// words returns the start and the end of each word.
func (m masker) words(tokens []int32) (words [][2]int) {
	start := 0
	add := func(end int) {
		if end > start {
			words = append(words, [2]int{start, end})
		}
	}
	for i, id := range tokens {
		switch {
		case id <= biogpt.UnknownID:
			add(i)
			start = i + 1
		case int(id) < len(m.ends) && m.ends[id]:
			add(i + 1)
			start = i + 1
		}
	}
	add(len(tokens))
	return words
}
