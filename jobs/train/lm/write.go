package lm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
)

// CurveFile is the name under which a model directory keeps the plot of its training.
const CurveFile = "training.html"

// Target takes the files of a model directory.
type Target interface {
	// Write makes a file of what write writes, durably, and returns its sha256 in hex.
	Write(name string, write func(io.Writer) error) (sum string, err error)
}

// write writes the model directory: the card last, without which it is none. Heads of the base stay
// behind, as they do not fit a trunk that was trained on.
func (s *session) write(out Target) error {
	card := s.card()
	put := func(name string, write func(io.Writer) error) error {
		sum, err := out.Write(name, write)
		card.SHA256[name] = sum
		return err
	}
	tensors := s.outcome.Params.Tensors(s.config.Trunk())
	err := put(
		biogpt.WeightsFile,
		func(w io.Writer) error { return weights.Write(w, tensors, map[string]string{"format": "pt"}) },
	)
	if err != nil {
		return err
	}
	config, err := json.MarshalIndent(s.config, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", biogpt.ConfigFile, err)
	}
	files, err := s.words.Files()
	if err != nil {
		return err
	}
	files[biogpt.ConfigFile] = append(config, '\n')
	for name, data := range files {
		if err := put(name, whole(data)); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := curves.WriteLosses(&page, s.Name, s.losses(), s.outcome.Best); err != nil {
		return err
	}
	if _, err := out.Write(CurveFile, whole(page.Bytes())); err != nil {
		return err
	}
	text, err := json.MarshalIndent(card, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", catalog.CardFile, err)
	}
	_, err = out.Write(catalog.CardFile, whole(append(text, '\n')))
	return err
}

func whole(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

func (s *session) losses() (points []curves.Losses) {
	for _, p := range s.outcome.Curve {
		points = append(points, curves.Losses{Step: p.Step, Train: p.Train, Dev: p.Dev})
	}
	return points
}

// card describes the model.
func (s *session) card() catalog.Card {
	what := "A causal language model"
	if s.config.Attention == biogpt.Bidirectional {
		what = "A model of masked words"
	}
	from := "from scratch"
	if s.Base != nil {
		from = "on top of " + s.BaseName + ", whose licence it has"
	}
	p := s.outcome.Score.Perplexity()
	p.Data = "development part"
	return catalog.Card{
		Name: s.Name, Version: "1", Licence: cmp.Or(s.Licence, "unknown"), Attention: cmp.Or(s.config.Attention, biogpt.Causal), Window: s.config.MaxPositions,
		Description: fmt.Sprintf(
			"%s, trained %s in %d steps, the best after %d, on %d documents.", what, from, s.outcome.Steps,
			s.outcome.Best, len(s.Train),
		),
		Tasks: []string{}, Types: []string{}, Training: slices.Clone(s.Sources), Scores: []catalog.Score{},
		LanguageModel: p, SHA256: map[string]string{},
	}
}
