package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/completions"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inputs"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// generateCommand is pubmine generate.
type generateCommand struct {
	Inputs        []flags.Name   `arg:"" optional:"" name:"prompts" help:"Files with a prompt per line, - for standard input (default: standard input, without --prompt)."`
	Model         flags.Name     `required:"" placeholder:"MODEL" help:"Name or directory of a causal model."`
	Prompt        []string       `sep:"none" placeholder:"TEXT" help:"A prompt; repeatable."`
	MaxNew        *flags.Natural `placeholder:"N" help:"Maximum number of new tokens; 0 is up to the last position of the model (default: 64 without --max-length)."`
	MinNew        flags.Positive `placeholder:"N" help:"Minimum number of new tokens."`
	MaxLength     flags.Positive `placeholder:"N" help:"Maximum number of tokens with the prompt."`
	MinLength     flags.Positive `placeholder:"N" help:"Minimum number of tokens with the prompt."`
	Beams         flags.Positive `default:"1" placeholder:"N" help:"Number of beams of a beam search (default ${default})."`
	LengthPenalty float64        `default:"1" placeholder:"X" help:"Exponent of the length by which the score of a beam is divided (default ${default})."`
	EarlyStopping string         `default:"false" enum:"false,true,never" help:"When a beam search ends: ${enum}, as in transformers (default ${default})."`
	Temperature   float64        `default:"0" placeholder:"X" help:"Sampling temperature; 0 takes the most probable token (default ${default})."`
	TopK          flags.Natural  `default:"0" placeholder:"N" help:"Sample from the N most probable tokens; 0 is all (default ${default})."`
	TopP          float64        `default:"1" placeholder:"SHARE" help:"Sample from the most probable tokens that make up this share (default ${default})."`
	Seed          uint64         `default:"0" help:"Random seed of sampling (default ${default})."`
	Return        flags.Positive `default:"1" placeholder:"N" help:"Completions per prompt (default ${default})."`
	Stop          []string       `sep:"none" placeholder:"TEXT" help:"End a completion before this text; repeatable."`
	JSON          bool           `name:"json" help:"Print a line of JSON per completion."`
	Slots         flags.Positive `default:"16" placeholder:"N" help:"Completions that are generated together (default ${default})."`
	backendFlag
}

// Help is the description in pubmine generate --help.
func (*generateCommand) Help() string {
	return example("pubmine generate --model biogpt --prompt 'Aspirin is'") + `

Prints each prompt with its completion, one per line, in the order of the prompts. On a terminal a
single completion appears as it is generated.

With --json a line is {"id", "text", "ids", "log_probs", "score", "finish"}: the number of the
prompt, the completion, its tokens (with </s>, 2, at the end if the model ended it), their
log-probabilities, the sum of these (with beams divided by the length to the penalty), and "end",
"stop" or "length". A completion does not depend on the other prompts.`
}

// defaultMaxNew is the default of --max-new: about two sentences.
const defaultMaxNew = 64

// Run runs the command.
func (c *generateCommand) Run(ctx context.Context, std streams) error {
	if len(c.Prompt) > 0 && len(c.Inputs) > 0 {
		return exit.Usage("generate: give --prompt or files of prompts, not both")
	}
	dir, err := modelFiles(c.Model)
	if err != nil {
		return err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	generator, err := biogpt.OpenGenerator(dir, c.Backend, int(max(c.Slots, c.Beams, c.Return)))
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	defer generator.Close()
	p := completions.New(std.out, generator, tok, completions.Options{
		Decoding: c.options(), Stops: c.Stop, JSON: c.JSON, Ahead: generator.Limits.Slots,
		Live: terminal(std.out) != nil && !c.JSON && len(c.Prompt) == 1 && c.Beams == 1 && c.Return == 1,
	})
	start := time.Now()
	if err := c.complete(ctx, p); err != nil {
		return err
	}
	took := time.Since(start).Seconds()
	inert.Fprintf(std.err, "%d texts, %d tokens in %.1f s: %.1f tokens/s on %s\n",
		p.Texts, p.Tokens, took, float64(p.Tokens)/took, generator.Class)
	return nil
}

// complete completes all prompts.
func (c *generateCommand) complete(ctx context.Context, p *completions.Printer) error {
	run := func(next func() (string, error)) error {
		err := p.Run(ctx, next)
		var refused *completions.PromptError
		switch {
		case ctx.Err() != nil:
			return exit.Stopped(ctx)
		case errors.As(err, &refused):
			return exit.UsageError{Err: err}
		}
		return err
	}
	if len(c.Prompt) > 0 {
		left := c.Prompt
		return run(func() (string, error) {
			if len(left) == 0 {
				return "", io.EOF
			}
			prompt := left[0]
			left = left[1:]
			return prompt, nil
		})
	}
	if len(c.Inputs) == 0 {
		c.Inputs = []flags.Name{"-"}
	}
	ahead := p.Ahead
	for _, name := range c.Inputs {
		p.Ahead = ahead
		if name == "-" && term.IsTerminal(int(os.Stdin.Fd())) {
			p.Ahead = 1 // answer a person before reading the next line
		}
		err := inputs.Read(string(name), func(_ string, in io.Reader) error { return run(promptLines(in)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// promptLines returns a function that reads the next line.
func promptLines(r io.Reader) func() (string, error) {
	in := bufio.NewReader(r)
	return func() (string, error) {
		line, err := in.ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		return strings.TrimRight(line, "\r\n"), err
	}
}

func (c *generateCommand) options() decoding.Options {
	o := decoding.Options{
		MinNew: int(c.MinNew), MaxLength: int(c.MaxLength), MinLength: int(c.MinLength),
		Beams: int(c.Beams), LengthPenalty: c.LengthPenalty, Return: int(c.Return),
		Temperature: c.Temperature, TopK: int(c.TopK), TopP: c.TopP, Seed: c.Seed,
	}
	switch {
	case c.MaxNew != nil:
		o.MaxNew = int(*c.MaxNew)
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
