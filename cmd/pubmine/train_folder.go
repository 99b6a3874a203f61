package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/model/catalog"
)

// begin opens the directory of the model to be trained. Where an earlier attempt completed the
// model it prints so, and returns nil.
func (c *trainCommand) begin(w io.Writer) (*modeldir.Writer, error) {
	dir, err := createModel(c.Out, modeldir.Options{})
	if errors.Is(err, modeldir.ErrFinished) {
		fmt.Fprintf(w, "%s is trained already.\n", c.Out)
		return nil, nil
	}
	return dir, err
}

// cardTarget is a model directory whose card is written as a file.
type cardTarget struct{ *modeldir.Writer }

// Write stages a file, or commits the model with the card that write writes.
func (t cardTarget) Write(name string, write func(io.Writer) error) (string, error) {
	if name != catalog.CardFile {
		return t.Writer.Write(name, write)
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return "", err
	}
	card, err := catalog.ParseCard(text.Bytes())
	if err != nil {
		return "", err
	}
	return "", t.Commit(card)
}
