package main

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/lines"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// tokenizeCommand is pubmine tokenize.
type tokenizeCommand struct {
	textInput
	Model string `default:"bundled" help:"\"bundled\", or a directory with vocab.json and merges.txt, or dict.txt and bpecodes."`
}

// Help is the second half of pubmine tokenize --help.
func (*tokenizeCommand) Help() string {
	return `Reads lines {"id": ..., "text": "..."} and writes a line {"id", "ids", "tokens", "spans"} for each. The ids are those of Hugging Face's
BioGptTokenizer: </s> (2) first and nothing at the end; but a text that spells a special token gets ordinary ids.

All three lists have the same length. Spans are [start, end) in Unicode code points of the text; </s> has [0,0]. Where one character
becomes several tokens ("&lt;" for "<") the last of them has it and those before have the empty span where it begins.

` + textHelp
}

// Run runs the command.
func (c *tokenizeCommand) Run(ctx context.Context, std streams) error {
	dir, err := vocabulary(c.Model)
	if err != nil {
		return err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return fmt.Errorf("model %s: %w", c.Model, err)
	}
	return c.write(ctx, std, lines.Tokens(tok))
}

// vocabulary returns the directory of a model, which need not have more than a vocabulary.
func vocabulary(name string) (fs.FS, error) {
	dir, err := catalog.Find(name)
	if err != nil {
		return nil, usageError{err}
	}
	return dir, nil
}
