package pipelinetest

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Preparer is a pipeline.Preparer: a section is cut into sentences after each full stop, into words
// and tokens at spaces, and the tokens into windows of at most Window sentences (1 if 0).
type Preparer struct{ Window int }

// Prepare makes the text of a document.
func (p Preparer) Prepare(doc *schemas.Document) *model.Text {
	t := &model.Text{Body: doc.Text(), Sections: doc.Sections}
	windowStart, inWindow := 0, 0
	for section, span := range doc.SectionSpans() {
		for start := span.Start; start < span.End; {
			end := span.End
			if i := strings.Index(t.Body[start:span.End], ". "); i >= 0 {
				end = start + i + 2
			}
			t.Sentences = append(
				t.Sentences, schemas.Sentence{Section: section, Span: schemas.Span{Start: start, End: end}},
			)
			addWords(t, start, end)
			if inWindow++; inWindow >= p.Window {
				t.Windows = append(t.Windows, model.Window{Start: windowStart, End: len(t.Tokens)})
				windowStart, inWindow = len(t.Tokens), 0
			}
			start = end
		}
	}
	if windowStart < len(t.Tokens) {
		t.Windows = append(t.Windows, model.Window{Start: windowStart, End: len(t.Tokens)})
	}
	return t
}

func addWords(t *model.Text, start, end int) {
	at := start
	for _, w := range strings.FieldsFunc(t.Body[start:end], unicode.IsSpace) {
		at += strings.Index(t.Body[at:end], w)
		span := schemas.Span{Start: at, End: at + len(w)}
		at = span.End
		h := fnv.New32a()
		h.Write([]byte(w))
		t.Words = append(t.Words, model.Word{Span: span, Sentence: len(t.Sentences) - 1, Token: len(t.Tokens)})
		t.Tokens = append(t.Tokens, model.Token{ID: int32(h.Sum32()%1000) + 4, Span: span})
	}
}

// Encoder is a pipeline.Encoder whose states depend on all sequences of a call, like the last bits
// of a real model. The first value of each row is the token's id, so that a test can tell to which
// token a row belongs.
type Encoder struct {
	Width int                       // of a row, at least 2
	Alone bool                      // states depend on their own sequence alone
	Fail  func(call int) error      // unless nil, called before each call
	Seen  func(sequences [][]int32) // unless nil, receives each call
	Next  func()                    // unless nil, called before each sequence
	calls int
}

// Exact reports whether states depend on their own sequence alone.
func (e *Encoder) Exact() bool { return e.Alone }

// Dim returns the width of a row.
func (e *Encoder) Dim() int { return e.Width }

// Encode makes the rows: those of every second sequence first, until ctx ends.
func (e *Encoder) Encode(ctx context.Context, sequences [][]int32, done func(i int, states []float32)) error {
	e.calls++
	if e.Fail != nil {
		if err := e.Fail(e.calls); err != nil {
			return err
		}
	}
	if e.Seen != nil {
		e.Seen(sequences)
	}
	batch := fnv.New32a()
	for _, s := range sequences {
		fmt.Fprint(batch, s)
	}
	for _, i := range outOfOrder(len(sequences)) {
		if e.Next != nil {
			e.Next()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if e.Alone {
			batch.Reset()
			fmt.Fprint(batch, sequences[i])
		}
		var states []float32
		for _, id := range sequences[i] {
			row := make([]float32, e.Width)
			row[0], row[1] = float32(id), float32(batch.Sum32()%1000)/1000
			states = append(states, row...)
		}
		done(i, states)
	}
	return ctx.Err()
}

// outOfOrder returns the odd and then the even numbers below n.
func outOfOrder(n int) (order []int) {
	for _, first := range []int{1, 0} {
		for i := first; i < n; i += 2 {
			order = append(order, i)
		}
	}
	return order
}

// Task is a pipeline.Task: every word that begins with a capital is a mention.
type Task struct {
	Label string                                    // the mentions' type, and the task's name
	Fail  func(t *model.Text) error                 // unless nil, called when mentions are added; it may panic
	Check func(t *model.Text, s model.States) error // unless nil, called next
}

// Name returns the label.
func (k Task) Name() string { return k.Label }

// Annotate adds the mentions.
func (k Task) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	for _, w := range t.Words {
		if r, _ := utf8.DecodeRuneInString(t.Body[w.Start:w.End]); !unicode.IsUpper(r) {
			continue
		}
		score := float32(0.5)
		if s.Dim > 1 {
			score = s.Row(w.Token)[1]
		}
		a.Mentions = append(a.Mentions, schemas.Mention{
			ID: len(
				a.Mentions,
			), Section: t.Sentences[w.Sentence].Section, Sentence: w.Sentence, Span: w.Span, Type: k.Label,
			Score: score,
		})
	}
	if k.Fail != nil {
		if err := k.Fail(t); err != nil {
			return err
		}
	}
	if k.Check != nil {
		return k.Check(t, s)
	}
	return nil
}
