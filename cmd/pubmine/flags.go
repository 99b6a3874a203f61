package main

import "github.com/pubmine/pubmine/cmd/pubmine/internal/flags"

// modelFlag names the model of a command.
type modelFlag struct {
	Model flags.Name `default:"bundled" placeholder:"MODEL" help:"\"bundled\", the name of a model that was pulled, or a model directory (default ${default})."`
}

// backendFlag names the backend of a command.
type backendFlag struct {
	Backend string `default:"auto" enum:"${backends}" placeholder:"NAME" help:"Compute with ${enum} (default ${default})."`
}

// corpusFlag names the corpus of a command.
type corpusFlag struct {
	Corpus flags.Name `required:"" placeholder:"DIR" help:"Corpus directory; run and sync create it."`
}

// root is the directory of the corpus.
func (f *corpusFlag) root() string { return string(f.Corpus) }
