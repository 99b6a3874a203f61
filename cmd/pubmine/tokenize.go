package main

import (
	"context"
	"fmt"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/lines"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// tokenizeCommand is pubmine tokenize.
type tokenizeCommand struct {
	textInput
	Model flags.Name `default:"bundled" help:"Model, or a directory with vocab.json and merges.txt, or dict.txt and bpecodes (default ${default})."`
}

// Help is the description in pubmine tokenize --help.
func (*tokenizeCommand) Help() string {
	return example("echo 'Aspirin helps.' | pubmine tokenize --text") + `

Reads lines {"id": ..., "text": "..."} and prints {"id", "ids", "tokens", "spans"} for each. The
ids are those of Hugging Face's BioGptTokenizer: </s> (2) first and nothing at the end. A text
that contains the name of a special token gets ordinary ids.

The three lists have the same length. Spans are [start, end) in Unicode code points of the text;
</s> has [0,0]. Where one character becomes several tokens ("&lt;" for "<"), the last of them has
its span, and the others have the empty span at its start.

` + textHelp
}

// Run runs the command.
func (c *tokenizeCommand) Run(ctx context.Context, std streams) error {
	dir, err := modelFiles(c.Model)
	if err != nil {
		return err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	return c.write(ctx, std, lines.Tokens(tok))
}
