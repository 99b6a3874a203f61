// Package tokenizer is BioGPT's tokenizer: Moses words (package moses), each cut by byte-pair
// encoding (package bpe), every token with its bytes in the text.
//
// The ids are those of Hugging Face's BioGptTokenizer, with one deliberate difference: a text that
// spells a special token ("</s>") gets ordinary ids, so that input cannot inject special tokens.
//
// Spans are in order and do not overlap, and every character of the text is in exactly one, except
// white space and the control characters that Moses deletes (U+0000 to U+001F), which are in none
// unless they are within a piece. If Moses' form of one character ("&apos;" for an apostrophe,
// "@-@" for a hyphen) is cut into several pieces, the last piece has the character and those before
// it have the empty span at its start.
//
// A vocabulary is read from a model directory, in either form: vocab.json with merges.txt (Hugging
// Face), or dict.txt with bpecodes (fairseq). Ids 0 to 3 are always <s>, <pad>, </s>, <unk>.
package tokenizer

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer/bpe"
	"github.com/pubmine/pubmine/model/tokenizer/moses"
	"github.com/pubmine/pubmine/schemas"
)

// The ids of the special pieces. A sequence begins with EOS and has no end token; BOS is never
// used.
const (
	BOS int32 = iota
	Pad
	EOS
	Unk
	specials
)

// Tokenizer turns text into tokens and back. It is safe for concurrent use.
type Tokenizer struct {
	pieces    []string // by id
	merges    []bpe.Pair
	encoder   *bpe.Encoder
	cache     *cache
	splitters sync.Pool // of *moses.Splitter
}

// New returns the Tokenizer with these pieces, by id, and merges, first learned first. A word's
// last piece ends in bpe.EndOfWord.
func New(pieces []string, merges []bpe.Pair) (*Tokenizer, error) {
	ids := make(map[string]int32, len(pieces))
	for id, piece := range pieces {
		if other, twice := ids[piece]; twice {
			return nil, fmt.Errorf("vocabulary: piece %q has the ids %d and %d", piece, other, id)
		}
		ids[piece] = int32(id)
	}
	for id, piece := range specialPieces() {
		if len(pieces) <= id || pieces[id] != piece {
			return nil, fmt.Errorf("vocabulary: id %d is not %s: this is not a BioGPT vocabulary", id, piece)
		}
	}
	return &Tokenizer{
		pieces:    pieces,
		merges:    merges,
		encoder:   bpe.New(ids, merges, Unk),
		cache:     newCache(cacheSlots),
		splitters: sync.Pool{New: func() any { return new(moses.Splitter) }},
	}, nil
}

func specialPieces() []string { return []string{BOS: "<s>", Pad: "<pad>", EOS: "</s>", Unk: "<unk>"} }

// Size returns the number of pieces in the vocabulary.
func (t *Tokenizer) Size() int { return len(t.pieces) }

// Piece returns the piece with the id, as the vocabulary writes it, or "<unk>" for an id beyond it.
func (t *Tokenizer) Piece(id int32) string {
	if id < 0 || int(id) >= len(t.pieces) {
		id = Unk
	}
	return t.pieces[id]
}

// Append appends the tokens of the text, their spans shifted by offset. There is no leading </s>.
func (t *Tokenizer) Append(dst []model.Token, text string, offset int) []model.Token {
	splitter := t.splitters.Get().(*moses.Splitter)
	defer t.splitters.Put(splitter)
	for _, word := range splitter.Split(text) {
		pieces := t.cache.get(word.Text)
		if pieces == nil {
			pieces = t.encoder.Append(nil, word.Text)
			t.cache.put(word.Text, pieces)
		}
		dst = appendTokens(dst, word, pieces, offset)
	}
	return dst
}

// appendTokens gives each piece of the word its bytes of the text.
func appendTokens(dst []model.Token, word moses.Word, pieces []bpe.Piece, offset int) []model.Token {
	start := word.Start
	chars := word.Chars
	for _, p := range pieces {
		span := schemas.Span{Start: start, End: word.Start + p.End}
		if word.Chars != nil {
			span.End = start
			for len(chars) > 0 && chars[0].Written <= p.End {
				if span.End == span.Start {
					span.Start = chars[0].Start
				}
				span.End = chars[0].End
				chars = chars[1:]
			}
		}
		start = span.End
		dst = append(dst, model.Token{ID: p.ID, Span: schemas.Span{Start: span.Start + offset, End: span.End + offset}})
	}
	return dst
}

// Encode returns the ids of the text for a model, with a leading </s>.
func (t *Tokenizer) Encode(text string) []int32 {
	ids := []int32{EOS}
	for _, token := range t.Append(nil, text, 0) {
		ids = append(ids, token.ID)
	}
	return ids
}

// Decode returns the text of the ids, without special ids and ids beyond the vocabulary. Spaces
// follow English spelling, not the original text.
func (t *Tokenizer) Decode(ids []int32) string {
	var b strings.Builder
	for _, id := range ids {
		if id >= specials && int(id) < len(t.pieces) {
			b.WriteString(strings.ReplaceAll(t.pieces[id], bpe.EndOfWord, " "))
		}
	}
	return moses.Join(strings.Fields(b.String()))
}

// Words returns the Moses words of the text, as Learn counts them.
func Words(text string) []string {
	var words []string
	for _, w := range new(moses.Splitter).Split(text) {
		words = append(words, w.Text)
	}
	return words
}
