package main

import (
	"io"
	"io/fs"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inputs"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

const (
	datasetHelp = `Annotated documents are read in PubTator, BioC XML, BioC JSON, CoNLL columns
(IOB1, IOB2, IOBES, BILOU), JSON lines ({"id", "title", "abstract", "mentions":
[[start, end, type], ...], "relations": [[type, subject, object], ...]}) and PubMedQA's JSON, plain
or gzip; the content tells the format.`
	textsHelp = `Texts are plain text (one document per line), JSON lines ({"title", "abstract"},
{"text"} or {"paragraphs": [...]}), PubMed XML, or any of the formats for annotated documents, plain
or gzip; the content tells the format.`
)

// readDataset reads a file or directory of annotated documents, and prints how many mentions it
// skips.
func readDataset(path, split string, rawTypes bool, w io.Writer) (examples []dataset.Example, err error) {
	err = inputs.WithFile(path, func(file string) error {
		var stats dataset.Stats
		examples, stats, err = dataset.ReadUser(file, split, rawTypes)
		if err == nil && stats.Dropped > 0 {
			inert.Fprintf(w, "pubmine: %s: skipped %d of %d mentions, whose text differs at their offsets; first: %s\n",
				path, stats.Dropped, stats.Dropped+stats.Mentions, stats.FirstDropped)
		}
		return err
	})
	return examples, err
}

// readTexts reads a file or directory of texts.
func readTexts(path string) (docs []*schemas.Document, err error) {
	err = inputs.WithFile(path, func(file string) error {
		docs, err = dataset.ReadTexts(file)
		return err
	})
	return docs, err
}

// modelFiles returns the directory of a model that needs no card.
func modelFiles(name flags.Name) (fs.FS, error) {
	dir, err := catalog.Find(string(name))
	if err != nil {
		return nil, exit.UsageError{Err: err}
	}
	return dir, nil
}
