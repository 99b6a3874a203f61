package lines

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/sentence"
)

// Sentences is the Row {"spans"} with a span for each sentence.
func Sentences(dst []byte, text string) []byte {
	dst = append(dst, `,"spans":[`...)
	points := cursor{text: text}
	for i, s := range sentence.Split(text) {
		dst = points.appendSpan(dst, i, s)
	}
	return append(dst, ']')
}

// Tokens returns the Row {"ids", "tokens", "spans"}: three lists of one length. The first token is
// </s>, as a model reads it, and has the span [0,0].
func Tokens(tok *tokenizer.Tokenizer) Row {
	quoted := make([][]byte, tok.Size()) // pieces as JSON, by id, each when it is first wanted
	piece := func(id int32) []byte {
		if quoted[id] == nil {
			quoted[id] = quote(tok.Piece(id))
		}
		return quoted[id]
	}
	var tokens []model.Token
	return func(dst []byte, text string) []byte {
		tokens = tok.Append(append(tokens[:0], model.Token{ID: tokenizer.EOS}), text, 0)
		dst = append(dst, `,"ids":[`...)
		for i, t := range tokens {
			dst = strconv.AppendInt(separated(dst, i), int64(t.ID), 10)
		}
		dst = append(dst, `],"tokens":[`...)
		for i, t := range tokens {
			dst = append(separated(dst, i), piece(t.ID)...)
		}
		dst = append(dst, `],"spans":[`...)
		points := cursor{text: text}
		for i, t := range tokens {
			dst = points.appendSpan(dst, i, t.Span)
		}
		return append(dst, ']')
	}
}

// quote returns the text as JSON, with < and & as they are.
func quote(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string never fails
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func separated(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

// cursor turns bytes of a text into code points, from the left to the right.
type cursor struct {
	text         string
	bytes, count int
}

// to returns the code points before byte i, which is not before the one last asked for.
func (c *cursor) to(i int) int {
	c.count += utf8.RuneCountInString(c.text[c.bytes:i])
	c.bytes = i
	return c.count
}

// appendSpan appends the span, the i-th of a list.
func (c *cursor) appendSpan(dst []byte, i int, s schemas.Span) []byte {
	dst = append(separated(dst, i), '[')
	dst = append(strconv.AppendInt(dst, int64(c.to(s.Start)), 10), ',')
	return append(strconv.AppendInt(dst, int64(c.to(s.End)), 10), ']')
}
