package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

const (
	datasetHelp = `Annotated documents are read in PubTator, BioC XML, BioC JSON, CoNLL columns (IOB1, IOB2, IOBES, BILOU), JSON lines ({"id", "title",
"abstract", "mentions": [[start, end, type], ...], "relations": [[type, subject, object], ...]}) and PubMedQA's JSON, plain or gzip; the content
tells the format.`
	textsHelp = `Texts are plain text (one document per line), JSON lines ({"title", "abstract"}, {"text"} or {"paragraphs": [...]}), PubMed XML, or any
of the formats for annotated documents, plain or gzip; the content tells the format.`
	stdinName = "standard input"
)

// badInput gives an error about a file the exit code of one, unless the machine is at fault.
func badInput(path string, err error) error {
	var bad *schemas.BadInputError
	if err == nil || errors.As(err, &bad) || corpus.Temporary(err) {
		return err
	}
	return &schemas.BadInputError{Path: path, Err: err}
}

// readInput opens an input, - for standard input, and calls read with the name for messages.
func readInput(name string, read func(string, io.Reader) error) error {
	if name == "-" {
		return read(stdinName, os.Stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return usage("%s: it is a directory: give a file", name)
	}
	return read(name, f)
}

// withFile calls read with a path that can be opened repeatedly: standard input and named pipes are
// copied to a temporary file.
func withFile(name string, read func(path string) error) error {
	info, err := os.Stat(name)
	if name != "-" && (err != nil || info.IsDir() || info.Mode().IsRegular()) {
		return missing(read(name))
	}
	dir, err := os.MkdirTemp("", "pubmine-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "stdin")
	err = readInput(name, func(shown string, in io.Reader) error {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, in)
		name = shown
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return err
	}
	err = read(path)
	var bad *schemas.BadInputError
	if errors.As(err, &bad) && bad.Path == path {
		bad.Path = name
	}
	return err
}

// missing makes a usage error of an error about a file that does not exist.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return usageError{err}
	}
	return err
}

// readDataset reads a file or directory of annotated documents, and prints how many mentions it
// skips.
func readDataset(path, split string, rawTypes bool, w io.Writer) (examples []dataset.Example, err error) {
	err = withFile(path, func(file string) error {
		var stats dataset.Stats
		examples, stats, err = dataset.ReadUser(file, split, rawTypes)
		if err == nil && stats.Dropped > 0 {
			fmt.Fprintf(w, "pubmine: %s: skipped %d of %d mentions, whose text is not at their offsets; the first: %s\n",
				path, stats.Dropped, stats.Dropped+stats.Mentions, stats.FirstDropped)
		}
		return err
	})
	return examples, err
}

// readTexts reads a file or directory of texts.
func readTexts(path string) (docs []*schemas.Document, err error) {
	err = withFile(path, func(file string) error {
		docs, err = dataset.ReadTexts(file)
		return err
	})
	return docs, err
}

// modelFiles returns the directory of a model that needs no card.
func modelFiles(name nonEmpty) (fs.FS, error) {
	dir, err := catalog.Find(string(name))
	if err != nil {
		return nil, usageError{err}
	}
	return dir, nil
}
