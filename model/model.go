// Package model has the types that describe the input and output of a language model. It does not
// run one and imports no tensor library.
//
// A document becomes a Text: its body with sentences, words and tokens, every one a span of bytes
// in the body. The tokens of a Text are cut into windows that fit the model; an Encoder turns each
// window into hidden states, one row per token; the stages compute their results from those rows
// with heads (package heads). One pass of the trunk thus serves every task that has a head. A task
// without a head is served by generation: the model continues a Prompt, and the stage parses the
// Completion (Generation configures both).
package model

import (
	"cmp"
	"slices"

	"github.com/pubmine/pubmine/schemas"
)

// Token is one piece of the model's vocabulary and its bytes in the body.
type Token struct {
	ID int32
	schemas.Span
}

// Word is the unit of tagging: a run of letters, a run of digits, or one other non-space character.
// 99.9% of the boundaries of gold mentions are word boundaries then (reference training.md).
type Word struct {
	schemas.Span
	Sentence int // index in Text.Sentences
	Token    int // index in Text.Tokens of the last token that overlaps the word
}

// WordRange is the words [Start, End) of a Text.
type WordRange struct{ Start, End int }

// Len returns the number of words.
func (r WordRange) Len() int { return r.End - r.Start }

// Text is a document prepared for a model. All spans are in bytes of Body, which is
// schemas.Document.Text.
type Text struct {
	Body      string
	Sections  []schemas.Section
	Sentences []schemas.Sentence
	Words     []Word  // in text order
	Tokens    []Token // in text order, without the leading </s>
	Windows   []Window
}

// SentenceAt returns the index of the last sentence that begins at or before a byte, 0 if none
// does.
func (t *Text) SentenceAt(at int) int {
	i, found := slices.BinarySearchFunc(
		t.Sentences, at, func(s schemas.Sentence, at int) int { return cmp.Compare(s.Start, at) },
	)
	if !found {
		i--
	}
	return max(i, 0)
}

// Word returns the bytes of word i.
func (t *Text) Word(i int) string { return t.Body[t.Words[i].Start:t.Words[i].End] }

// Slice returns the bytes from the first to the last word of r, which is not empty.
func (t *Text) Slice(r WordRange) string { return t.Body[t.Words[r.Start].Start:t.Words[r.End-1].End] }

// Window is a sequence of whole sentences, as long as the model allows, that the trunk reads at
// once: tokens [Start, End) of a Text, preceded by </s>. A sentence longer than the window is cut.
type Window struct{ Start, End int }

// States are the output of a model for a Text. Row i of the last hidden states, of Dim values,
// belongs to Text.Tokens[i]. Completions are those of the prompts of the task that gets the States,
// if it has any.
type States struct {
	Dim         int
	Data        []float32 // len(Text.Tokens) * Dim
	Completions []Completion
}

// Row returns the state of token i, a part of Data.
func (s States) Row(i int) []float32 { return s.Data[i*s.Dim : (i+1)*s.Dim] }
