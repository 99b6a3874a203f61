// Package completions generates and prints the completions of prompts, in the order of the prompts.
package completions

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// Options of a Printer.
type Options struct {
	Decoding decoding.Options
	Stops    []string // a completion ends before the first of these
	JSON     bool     // print a JSON object per completion
	Live     bool     // print text as it is generated; for a single prompt
	Ahead    int      // prompts that are read before the first is completed
}

// Printer generates and prints completions.
type Printer struct {
	Options
	Texts, Tokens int // printed so far

	tok       *tokenizer.Tokenizer
	scheduler *decoding.Scheduler
	out       *bufio.Writer
	pending   []*completion // in the order of the prompts, from the first that is not printed
	prompts   int           // read so far
	shown     string        // printed part of a live text
}

// completion holds the completions of a prompt.
type completion struct {
	number int
	text   string
	prompt []int32             // tokens of text
	texts  []decoding.Sequence // nil until generated
	err    error
}

// PromptError is a prompt that cannot be completed, such as one that is too long for the model.
type PromptError struct {
	Number int // from 1
	Err    error
}

func (e *PromptError) Error() string { return fmt.Sprintf("prompt %d: %v", e.Number, e.Err) }

// Unwrap returns the reason.
func (e *PromptError) Unwrap() error { return e.Err }

// New returns a Printer that generates with g.
func New(w io.Writer, g *biogpt.Generator, tok *tokenizer.Tokenizer, o Options) *Printer {
	return &Printer{Options: o, tok: tok, scheduler: decoding.NewScheduler(g, g.Limits), out: bufio.NewWriter(w)}
}

// Run completes the prompts that next returns until io.EOF.
func (w *Printer) Run(ctx context.Context, next func() (string, error)) error {
	more, open := false, true
	for more || open {
		for open && w.wantsPrompt() {
			prompt, err := next()
			if err == io.EOF {
				open = false
				break
			}
			if err == nil {
				err = w.add(ctx, prompt)
			}
			if err != nil {
				return err
			}
		}
		var err error
		if more, err = w.scheduler.Step(ctx); err == nil {
			err = w.print()
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wantsPrompt reports whether to read another prompt before the next step.
func (w *Printer) wantsPrompt() bool {
	if w.Ahead <= 1 {
		return len(w.pending) == 0
	}
	return len(w.pending) < 2*w.Ahead && w.scheduler.Stats().Waiting < w.Ahead
}

func (w *Printer) add(ctx context.Context, prompt string) error {
	w.prompts++
	a := &completion{number: w.prompts, text: prompt, prompt: w.tok.Encode(prompt)}
	w.pending = append(w.pending, a)
	r := decoding.Request{Prompt: a.prompt, Options: w.Decoding, Stop: decoding.StopStrings(w.tok.Decode, w.Stops)}
	r.Done = func(list []decoding.Sequence, err error) { a.texts, a.err = list, err }
	if w.Live {
		var ids []int32
		r.Emit = func(_ int, c decoding.Choice) {
			ids = append(ids, c.ID)
			w.show(a, ids)
		}
	}
	if err := w.scheduler.Add(ctx, r); err != nil {
		return &PromptError{a.number, err}
	}
	return nil
}

// text returns the completion, and the space between the prompt and it.
func (w *Printer) text(a *completion, ids []int32) (space, text string) {
	all := w.tok.Decode(ids)
	text, _ = decoding.CutStop(all, w.Stops)
	before, whole := w.tok.Decode(a.prompt), w.tok.Decode(slices.Concat(a.prompt, ids))
	if text != "" && whole != before+all { // words are separated by at most a space
		space = " "
	}
	return space, text
}

// show prints the new part of a live text, except its last word, which the next tokens may change.
func (w *Printer) show(a *completion, ids []int32) {
	space, text := w.text(a, ids)
	whole := a.text + space + text
	whole = whole[:max(0, strings.LastIndexByte(whole, ' '))]
	if more, ok := strings.CutPrefix(whole, w.shown); ok {
		w.shown = whole
		_, _ = w.out.WriteString(more) // Flush returns the error
		_ = w.out.Flush()
	}
}

// print prints the completions that are next in order.
func (w *Printer) print() error {
	for len(w.pending) > 0 && (w.pending[0].texts != nil || w.pending[0].err != nil) {
		a := w.pending[0]
		w.pending = w.pending[1:]
		if a.err != nil {
			return fmt.Errorf("prompt %d: %w", a.number, a.err)
		}
		for _, s := range a.texts {
			w.Texts++
			w.Tokens += len(s.Tokens)
			if err := w.line(a, s); err != nil {
				return err
			}
		}
	}
	return w.out.Flush()
}

func (w *Printer) line(a *completion, s decoding.Sequence) error {
	space, text := w.text(a, s.IDs())
	if w.JSON {
		probs := make([]float64, len(s.Tokens))
		for i, t := range s.Tokens {
			probs[i] = t.LogProb
		}
		e := json.NewEncoder(w.out)
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			ID       int             `json:"id"`
			Text     string          `json:"text"`
			IDs      []int32         `json:"ids"`
			LogProbs []float64       `json:"log_probs"`
			Score    float64         `json:"score"`
			Finish   decoding.Finish `json:"finish"`
		}{a.number, text, s.IDs(), probs, s.Score, s.Finish})
	}
	whole := a.text + space + text
	more, ok := strings.CutPrefix(whole, w.shown)
	if !ok { // the final text differs from the shown part
		more = "\n" + whole
	}
	w.shown = ""
	_, err := fmt.Fprintln(w.out, more)
	return err
}
