package main

import (
	"context"
	"io"
	"os"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/lines"
	"github.com/pubmine/pubmine/jobs"
)

// sentencesCommand is pubmine sentences.
type sentencesCommand struct{ textInput }

// Help is the second half of pubmine sentences --help.
func (*sentencesCommand) Help() string {
	return `Reads lines {"id": ..., "text": "..."} and writes a line {"id", "spans"} for each: the sentences of the text in order, [start, end) in Unicode
code points, without the white space around them.

` + textHelp
}

// Run runs the command.
func (c *sentencesCommand) Run(ctx context.Context, std streams) error {
	return c.write(ctx, std, lines.Sentences)
}

// textInput is what commands on lines of text read.
type textInput struct {
	Inputs []string `arg:"" optional:"" help:"Files of lines; - or none for standard input."`
	Text   bool     `help:"Each line is a text by itself, not JSON."`
}

const textHelp = `Without an id, and with --text, the id is the number of the line, over all inputs. A line that cannot be read ends the command with
exit code 42; the lines before it are written.`

// write writes the rows of all inputs.
func (c *textInput) write(ctx context.Context, std streams, row lines.Row) error {
	w := lines.NewWriter(std.out, c.Text, row)
	if len(c.Inputs) == 0 {
		c.Inputs = []string{"-"}
	}
	stop := func() error {
		if ctx.Err() != nil {
			return &jobs.StoppedError{Cause: context.Cause(ctx)}
		}
		return nil
	}
	for _, name := range c.Inputs {
		if err := readInput(name, func(name string, in io.Reader) error { return w.Read(name, in, stop) }); err != nil {
			return err
		}
	}
	return nil
}

// readInput opens an input and hands it on, with the name by which to speak of it.
func readInput(name string, read func(string, io.Reader) error) error {
	if name == "-" {
		return read("standard input", os.Stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	return read(name, f)
}
