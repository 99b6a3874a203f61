package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// generateCommand is pubmine generate.
type generateCommand struct {
	Model         string   `required:"" placeholder:"DIR" help:"Model directory, as Hugging Face has them."`
	Prompt        []string `sep:"none" placeholder:"TEXT" help:"A prompt; may be given more than once. Without one, each line of standard input is a prompt."`
	MaxNew        *int     `placeholder:"N" help:"Tokens to write, at most (default 64 without --max-length); 0 to the model's last position."`
	MinNew        int      `help:"Tokens to write, at least."`
	MaxLength     int      `help:"Tokens with those of the prompt, at most."`
	MinLength     int      `help:"Tokens with those of the prompt, at least."`
	Beams         int      `default:"1" help:"Search with so many beams."`
	LengthPenalty float64  `default:"1" help:"Exponent of the length that a beam's score is divided by (default ${default})."`
	EarlyStopping string   `default:"false" enum:"false,true,never" help:"When a beam search ends: ${enum}, as transformers defines them."`
	Temperature   float64  `help:"Sample at this temperature; 0 takes the likeliest token."`
	TopK          int      `help:"Sample from so many likeliest tokens; 0 from all."`
	TopP          float64  `default:"1" help:"Sample from the likeliest tokens that have this share (default ${default})."`
	Seed          uint64   `help:"Of the sampling: equal seeds write equal texts."`
	Return        int      `default:"1" help:"Texts for each prompt."`
	Stop          []string `sep:"none" placeholder:"TEXT" help:"End a text before this; may be given more than once."`
	JSON          bool     `name:"json" help:"A line of JSON for each text, with ids and log-probabilities."`
	Backend       string   `default:"auto" enum:"auto,cpu,xla:cpu,cuda" help:"Backend: ${enum}."`
	Slots         int      `default:"16" help:"Texts that are written side by side (default ${default})."`
}

// Help is the second half of pubmine generate --help.
func (*generateCommand) Help() string {
	return `Writes each prompt with its continuation, one line a text, in the order of the prompts. On a terminal a single text appears as it is written.

With --json a line is {"id", "text", "ids", "log_probs", "score", "finish"}: the number of the prompt, the continuation, its tokens (</s>, 2, at the end
if it ended by itself), the logarithm of each one's probability, their sum (of beams divided by the length to the penalty), and "end", "stop" or "length".

The completion of a prompt does not depend on the other prompts.`
}

// Run runs the command.
func (c *generateCommand) Run(ctx context.Context, std streams) error {
	dir, err := vocabulary(c.Model)
	if err != nil {
		return err
	}
	words, err := tokenizer.Load(dir)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	if c.Slots < 1 {
		return usage("--slots %d: give 1 or more", c.Slots)
	}
	model, err := biogpt.OpenGenerator(dir, c.Backend, max(c.Slots, c.Beams, c.Return))
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	defer model.Close()
	w := &writer{
		options: c.options(), stops: c.Stop, words: words, json: c.JSON, out: bufio.NewWriter(std.out),
		scheduler: decoding.NewScheduler(model, model.Limits),
	}
	w.live = isTerminal(std.out) && !c.JSON && len(c.Prompt) == 1 && c.Beams <= 1 && c.Return <= 1
	prompts, ahead := c.prompts(model.Limits.Slots)
	start := time.Now()
	if err := w.run(ctx, prompts, ahead); err != nil {
		return err
	}
	took := time.Since(start)
	fmt.Fprintf(
		std.err, "%d texts, %d tokens in %.1f s: %.1f tokens/s on %s\n", w.texts, w.tokens, took.Seconds(),
		float64(w.tokens)/took.Seconds(), model.Class,
	)
	return nil
}

// defaultMaxNew is how much is written where nothing is said of it: about two sentences.
const defaultMaxNew = 64

func (c *generateCommand) options() decoding.Options {
	o := decoding.Options{
		MinNew: c.MinNew, MaxLength: c.MaxLength, MinLength: c.MinLength,
		Beams: c.Beams, LengthPenalty: c.LengthPenalty, Return: c.Return,
		Temperature: c.Temperature, TopK: c.TopK, TopP: c.TopP, Seed: c.Seed,
	}
	switch {
	case c.MaxNew != nil:
		o.MaxNew = *c.MaxNew
	case c.MaxLength == 0:
		o.MaxNew = defaultMaxNew
	}
	switch c.EarlyStopping {
	case "true":
		o.EarlyStopping = decoding.StopFull
	case "never":
		o.EarlyStopping = decoding.StopNever
	}
	return o
}

// prompts returns a function that reads the next prompt, io.EOF after the last, and how many may be
// read before the first is answered: one for a person who types.
func (c *generateCommand) prompts(slots int) (next func() (string, error), ahead int) {
	if len(c.Prompt) > 0 {
		return func() (string, error) {
			if len(c.Prompt) == 0 {
				return "", io.EOF
			}
			prompt := c.Prompt[0]
			c.Prompt = c.Prompt[1:]
			return prompt, nil
		}, slots
	}
	in := bufio.NewReader(os.Stdin)
	if term.IsTerminal(int(os.Stdin.Fd())) {
		slots = 1
	}
	return func() (string, error) {
		line, err := in.ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		return strings.TrimRight(line, "\r\n"), err
	}, slots
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// writer generates and writes texts.
type writer struct {
	options   decoding.Options
	stops     []string
	words     *tokenizer.Tokenizer
	scheduler *decoding.Scheduler
	out       *bufio.Writer
	json      bool
	live      bool // text is written as it comes

	pending []*answer // of the prompts in their order, from the first that is not written yet
	read    int       // prompts
	texts   int
	tokens  int
	shown   string // what is written of a live text
}

// answer is what a prompt yields.
type answer struct {
	number int
	text   string
	prompt []int32             // of the text
	texts  []decoding.Sequence // nil until they are there
	err    error
}

func (w *writer) run(ctx context.Context, next func() (string, error), ahead int) error {
	more, open := false, true
	for more || open {
		for open && len(w.pending) < 2*ahead && w.scheduler.Stats().Waiting < ahead && (ahead > 1 || len(w.pending) == 0) {
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
			err = w.write()
		}
		if ctx.Err() != nil {
			return &jobs.StoppedError{Cause: context.Cause(ctx)}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) add(ctx context.Context, prompt string) error {
	w.read++
	a := &answer{number: w.read, text: prompt, prompt: w.words.Encode(prompt)}
	w.pending = append(w.pending, a)
	r := decoding.Request{Prompt: a.prompt, Options: w.options, Stop: decoding.StopStrings(w.words.Decode, w.stops)}
	r.Done = func(list []decoding.Sequence, err error) { a.texts, a.err = list, err }
	if w.live {
		var ids []int32
		r.Emit = func(_ int, c decoding.Choice) {
			ids = append(ids, c.ID)
			w.show(a, ids)
		}
	}
	if err := w.scheduler.Add(ctx, r); err != nil {
		return usage("prompt %d: %w", a.number, err)
	}
	return nil
}

// text returns the continuation, and what to write between the prompt and it.
func (w *writer) text(a *answer, ids []int32) (space, text string) {
	all := w.words.Decode(ids)
	text, _ = decoding.CutStop(all, w.stops)
	before, whole := w.words.Decode(a.prompt), w.words.Decode(slices.Concat(a.prompt, ids))
	if text != "" && whole != before+all { // no more than a space stands between words
		space = " "
	}
	return space, text
}

// show writes what is new of a live text, but for its last word: what follows may change that.
func (w *writer) show(a *answer, ids []int32) {
	space, text := w.text(a, ids)
	whole := a.text + space + text
	whole = whole[:max(0, strings.LastIndexByte(whole, ' '))]
	if more, ok := strings.CutPrefix(whole, w.shown); ok {
		w.shown = whole
		_, _ = w.out.WriteString(more) // the error comes back from Flush
		_ = w.out.Flush()
	}
}

// write writes the answers that are next.
func (w *writer) write() error {
	for len(w.pending) > 0 && (w.pending[0].texts != nil || w.pending[0].err != nil) {
		a := w.pending[0]
		w.pending = w.pending[1:]
		if a.err != nil {
			return fmt.Errorf("prompt %d: %w", a.number, a.err)
		}
		for _, s := range a.texts {
			w.texts++
			w.tokens += len(s.Tokens)
			if err := w.line(a, s); err != nil {
				return err
			}
		}
	}
	return w.out.Flush()
}

func (w *writer) line(a *answer, s decoding.Sequence) error {
	space, text := w.text(a, s.IDs())
	if w.json {
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
	if !ok { // the text came out differently from what was shown of it
		more = "\n" + whole
	}
	w.shown = ""
	_, err := fmt.Fprintln(w.out, more)
	return err
}
