// Package text makes documents ready for a model: it is the pipeline's Preparer.
//
// The body is schemas.Document.Text, and every span counts bytes in it. Sentences are those of
// package sentence, section by section; a title is one sentence whatever it holds. Each sentence is
// cut twice:
//
//   - into words, the unit of tags: a run of letters, a run of decimal digits, or one other
//     character. Letters are those of Unicode (category L) with combining marks (M); white space is
//     no word, nor is a control character below U+0020, which Moses deletes and which therefore no
//     token stands for;
//   - into tokens (package tokenizer), each sentence by itself, so that its tokens do not depend on
//     its neighbours.
//
// Windows are runs of whole sentences, each as many as fit; a sentence that alone does not fit is
// cut into full windows, and what is left of it begins the next one.
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
	room      int // tokens in a window beside </s>
}

// New returns the Preparer for a model with this vocabulary and a window of so many tokens, the
// leading </s> included. A window has room for at least one token, however small it is.
func New(tok *tokenizer.Tokenizer, window int) *Preparer {
	return &Preparer{tokenizer: tok, room: max(1, window-1)}
}

// Prepare returns the Text of the document. A document without text, as one deleted, has no
// sentences, words, tokens or windows.
func (p *Preparer) Prepare(doc *schemas.Document) *model.Text {
	t := Sentences{}.Prepare(doc)
	w := windows{room: p.room}
	if len(t.Sentences) > 0 {
		const bytesPerWord = 4 // a little fewer than English has, for words and tokens alike
		t.Words, t.Tokens = make(
			[]model.Word, 0, len(t.Body)/bytesPerWord,
		), make(
			[]model.Token, 0, len(t.Body)/bytesPerWord,
		)
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

// What a character does in a word.
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

// Words returns the words of a text that is no document, cut as those of a Text are.
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

// join sets for each word the last token that reaches into it. The words are those of the tokens
// from the given one on.
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
