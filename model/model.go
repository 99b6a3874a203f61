// Package model holds what the rest of pubmine asks of a language model, and nothing of how one is
// run: no tensor library is imported here.
//
// A document becomes a Text: its body with sentences, words and tokens, every one a span of bytes
// in the body. The tokens of a Text are cut into windows that fit the model; an Encoder turns each
// window into hidden states, one row per token; the heads (package heads) and the stages read their
// answers off those rows. One pass of the trunk thus serves every task that has a head. A task
// without one is served by writing: the model goes on with a Prompt, and the stage reads the
// Completion (Generation says how).
package model

import "github.com/pubmine/pubmine/schemas"

// Token is one piece of the model's vocabulary and the bytes of the body it stands for.
type Token struct {
	ID int32
	schemas.Span
}

// Word is the unit that tags are given to: a run of letters, a run of digits, or one other
// non-space character. (Splitting so finely makes 99.9% of gold mention boundaries fall on word
// boundaries: reference training.md.)
type Word struct {
	schemas.Span
	Sentence int // index in Text.Sentences
	Token    int // index in Text.Tokens of the last token that reaches into the word
}

// WordRange is the words [Start, End) of a Text.
type WordRange struct{ Start, End int }

// Len returns the number of words.
func (r WordRange) Len() int { return r.End - r.Start }

// Text is a document made ready for a model. All spans count bytes in Body, which is
// schemas.Document.Text.
type Text struct {
	Body      string
	Sections  []schemas.Section
	Sentences []schemas.Sentence
	Words     []Word  // in text order
	Tokens    []Token // in text order, without the leading </s>
	Windows   []Window
}

// Word returns the bytes of word i.
func (t *Text) Word(i int) string { return t.Body[t.Words[i].Start:t.Words[i].End] }

// Slice returns the bytes from the first to the last word of r, which is not empty.
func (t *Text) Slice(r WordRange) string { return t.Body[t.Words[r.Start].Start:t.Words[r.End-1].End] }

// Window is a run of whole sentences, as long as the model's window allows, that the trunk sees at
// once: tokens [Start, End) of a Text, with </s> put in front. A sentence longer than the window is
// cut.
type Window struct{ Start, End int }

// States are what a model gives for a Text. Row i of the last hidden states, of Dim values, belongs
// to Text.Tokens[i]. Written is what it wrote after the prompts of the task that is given the
// States, where the task has any.
type States struct {
	Dim         int
	Data        []float32 // len(Text.Tokens) * Dim
	Completions []Completion
}

// Row returns the state of token i. The slice is part of Data.
func (s States) Row(i int) []float32 { return s.Data[i*s.Dim : (i+1)*s.Dim] }
