// Package text prepares documents for a model: sentences, words, tokens and windows. It is the
// pipeline's Preparer.
//
// The body is schemas.Document.Text, and every span counts bytes of it. Sentences are those of
// package sentence, section by section; a title is always one sentence. Each sentence is divided
// twice:
//
//   - into words, the unit of tags: a run of letters, a run of decimal digits, or one other
//     character. Letters are those of Unicode (category L) with combining marks (M). White space is
//     not part of a word, and neither are control characters below U+0020: Moses deletes them, so
//     no token has them;
//   - into tokens (package tokenizer), sentence by sentence, so that tokens do not depend on the
//     neighbouring sentences.
//
// A window has as many whole sentences as fit. A sentence that does not fit into one window is
// divided into full windows, and its remainder begins the next one.
package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// Version is the version of this package. Increase it with every change that can change the
// sentences, words, tokens or windows of the same document under the same tokenizer, apart from
// those of package sentence, which has its own: results of another version are computed again.
const Version = 1

// Preparer makes Texts for one model. It is safe for concurrent use.
type Preparer struct {
	tokenizer *tokenizer.Tokenizer
	room      int // tokens in a window in addition to </s>
}

// New returns the Preparer for a model with this vocabulary and windows of the given number of
// tokens, including the leading </s>. A window has room for at least one token.
func New(tok *tokenizer.Tokenizer, window int) *Preparer {
	return &Preparer{tokenizer: tok, room: max(1, window-1)}
}

// Prepare returns the Text of the document. A document without text, such as a deleted one, has no
// sentences, words, tokens or windows.
func (p *Preparer) Prepare(doc *schemas.Document) *model.Text {
	t := Sentences{}.Prepare(doc)
	w := windows{room: p.room}
	if len(t.Sentences) > 0 {
		const bytesPerWord = 4 // a little less than in English, for words and for tokens
		t.Words = make([]model.Word, 0, len(t.Body)/bytesPerWord)
		t.Tokens = make([]model.Token, 0, len(t.Body)/bytesPerWord)
	}
	for i, sentence := range t.Sentences {
		firstWord, firstToken := len(t.Words), len(t.Tokens)
		t.Tokens = p.tokenizer.Append(t.Tokens, t.Body[sentence.Start:sentence.End], sentence.Start)
		t.Words = appendWords(t.Words, t.Body, sentence.Span, i)
		join(t.Words[firstWord:], t.Tokens, firstToken)
		w.add(len(t.Tokens))
	}
	t.Windows = w.close()
	return t
}

// The kinds of characters.
const (
	outside = iota
	letter
	digit
	alone
)

func kindOf(r rune) int {
	switch {
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letter
	case unicode.IsDigit(r):
		return digit
	case unicode.IsSpace(r) || r < ' ':
		return outside
	}
	return alone
}

// Words returns the words of a text that is not a document, by the same rules.
func Words(text string) []string {
	var words []string
	for _, w := range appendWords(nil, text, schemas.Span{End: len(text)}, 0) {
		words = append(words, text[w.Start:w.End])
	}
	return words
}

// appendWords appends the words of body[in.Start:in.End].
func appendWords(words []model.Word, body string, in schemas.Span, sentence int) []model.Word {
	last := outside
	for at := in.Start; at < in.End; {
		r, width := utf8.DecodeRuneInString(body[at:in.End])
		kind := kindOf(r)
		switch {
		case kind == outside:
		case kind == last && kind != alone:
			words[len(words)-1].End = at + width
		default:
			words = append(words, model.Word{Span: schemas.Span{Start: at, End: at + width}, Sentence: sentence})
		}
		last, at = kind, at+width
	}
	return words
}

// join sets for each word the last token that overlaps it. The tokens of the words begin at index
// token.
func join(words []model.Word, tokens []model.Token, token int) {
	for i := range words {
		for next := token; next < len(tokens) && tokens[next].Start < words[i].End; next++ {
			if tokens[next].End > words[i].Start {
				token = next
			}
		}
		words[i].Token = token
	}
}
