// Package models opens, converts and downloads models.
package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/convert"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

// NoVocabulary stands for the vocabulary of a model that is converted without one.
const NoVocabulary = "none"

// ErrTemplate means that a checkpoint does not fit the template of a conversion.
var ErrTemplate = errors.New("the checkpoint does not fit the template")

// Open opens a model by its name in the catalog, its directory, or a file of weights in one. The
// vocabulary is that of the directory, if there is one.
func Open(name string) (*convert.Model, error) {
	from, err := source(name)
	if err != nil {
		return nil, err
	}
	for _, file := range []string{"vocab.json", "dict.txt"} {
		if _, err := fs.Stat(from.Dir, file); err == nil {
			from.Vocabulary = from.Dir
		}
	}
	return convert.Open(from)
}

// source finds a checkpoint.
func source(name string) (convert.Source, error) {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return convert.Source{Path: name, Dir: catalog.Dir(filepath.Dir(name)), File: filepath.Base(name)}, nil
	}
	dir, err := catalog.Find(name)
	if err != nil {
		return convert.Source{}, &schemas.BadInputError{Path: name, Err: errors.New(
			"no such file or model: give a directory, a weights file, or a name from pubmine model list")}
	}
	return convert.Source{Path: name, Dir: dir}, nil
}

// Conversion describes a model directory to make of a checkpoint.
type Conversion struct {
	In, Out       string
	Vocabulary    string // a directory, NoVocabulary, or empty for that of In
	Name, Licence string // for the card
	Template      string // of BioGPT's authors (generate.Published), or empty
}

// Convert makes a model directory of a checkpoint. The caller closes the model.
func Convert(c Conversion) (*convert.Model, error) {
	from, err := source(c.In)
	if err != nil {
		return nil, err
	}
	switch c.Vocabulary {
	case "":
		from.Vocabulary = from.Dir
	case NoVocabulary:
	default:
		from.Vocabulary = catalog.Dir(c.Vocabulary)
	}
	m, err := convert.Open(from)
	if err != nil {
		return nil, err
	}
	card := catalog.Card{Name: c.Name, Licence: c.Licence, Description: "Converted from " + m.Weights.Format + "."}
	if c.Template != "" {
		g, err := generate.Published(c.Template, m.Pieces, m.Config.Vocab, m.Config.MaxPositions)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%w %s: %w", ErrTemplate, c.Template, err), m.Close())
		}
		card.Tasks, card.Generation = []string{g.Task}, []model.Generation{g}
	}
	if err := write(m, c.Out, card); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// write writes a model directory, which must be new or what an earlier attempt left.
func write(m *convert.Model, out string, card catalog.Card) error {
	dir, err := modeldir.Create(out, modeldir.Options{})
	if errors.Is(err, modeldir.ErrFinished) {
		return nil
	}
	if err != nil {
		return err
	}
	card.Window, card.Types, card.Training = m.Config.MaxPositions, []string{}, []string{}
	if card.Tasks == nil {
		card.Tasks = []string{}
	}
	card.Scores = []catalog.Score{}
	if err := m.WriteTo(dir, card); err != nil {
		if bad := (*schemas.BadInputError)(nil); !errors.As(err, &bad) {
			err = fmt.Errorf("%s: %w", out, err)
		}
		return errors.Join(err, dir.Close())
	}
	return dir.Close()
}

// convertPulled makes a model directory of downloaded files.
func convertPulled(ctx context.Context, from, to string, card catalog.Card) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m, err := convert.Open(convert.Source{Path: from, Dir: catalog.Dir(from), Vocabulary: catalog.Dir(from)})
	if err != nil {
		return err
	}
	return errors.Join(write(m, to, card), m.Close())
}
