package main

import (
	"context"
	"io"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inputs"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/lines"
)

// sentencesCommand is pubmine sentences.
type sentencesCommand struct{ textInput }

// Help is the description in pubmine sentences --help.
func (*sentencesCommand) Help() string {
	return example("echo 'Aspirin helps. It is cheap.' | pubmine sentences --text") + `

Reads lines {"id": ..., "text": "..."} and prints {"id", "spans"} for each: the sentences of the
text in order, as [start, end) in Unicode code points, without the white space around them.

` + textHelp
}

// Run runs the command.
func (c *sentencesCommand) Run(ctx context.Context, std streams) error {
	return c.write(ctx, std, lines.Sentences)
}

// textInput are the inputs of commands on lines of text.
type textInput struct {
	Inputs []flags.Name `arg:"" optional:"" help:"Files of lines; - for standard input, which is the default."`
	Text   bool         `help:"Lines are plain texts, not JSON."`
}

const textHelp = `Without an id, and with --text, the id is the number of the line over all
inputs. An invalid line ends the command with exit
code 42; the results of the lines before it are printed.`

// write prints the rows of all inputs.
func (c *textInput) write(ctx context.Context, std streams, row lines.Row) error {
	w := lines.NewWriter(std.out, c.Text, row)
	if len(c.Inputs) == 0 {
		c.Inputs = []flags.Name{"-"}
	}
	stop := func() error {
		if ctx.Err() != nil {
			return exit.Stopped(ctx)
		}
		return nil
	}
	read := func(name string, in io.Reader) error { return w.Read(name, in, stop) }
	for _, name := range c.Inputs {
		if err := inputs.Read(string(name), read); err != nil {
			return err
		}
	}
	return nil
}
