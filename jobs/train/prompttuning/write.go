package prompttuning

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
)

// Folder takes the files of a model directory, each whole, and gives them back.
type Folder interface {
	fs.FS
	// Write makes a file of what write writes, durably, and returns its sha256 in hex.
	Write(name string, write func(io.Writer) error) (sum string, err error)
}

// write writes the model directory: parameters, config and vocabulary, then what they reach is
// measured, and the card is written last.
func (s *session) write(ctx context.Context) error {
	sums := map[string]string{}
	put := func(name string, write func(io.Writer) error) (err error) {
		sums[name], err = s.Out.Write(name, write)
		return err
	}
	err := put(biogpt.WeightsFile, func(w io.Writer) error {
		return weights.Write(w, s.outcome.Params.Tensors(s.config.Trunk()), map[string]string{"format": "pt"})
	})
	if err != nil {
		return err
	}
	s.outcome.Params = nil // memory for the decoder
	config, err := s.configFile()
	if err != nil {
		return err
	}
	if err := put(biogpt.ConfigFile, bytesOf(config)); err != nil {
		return err
	}
	vocabulary, err := s.words.Files()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(vocabulary)) {
		if err := put(name, bytesOf(vocabulary[name])); err != nil {
			return err
		}
	}
	if err := s.measure(ctx); err != nil {
		return err
	}
	card, err := json.MarshalIndent(s.card(sums), "", "  ")
	if err != nil {
		return err
	}
	if _, err := catalog.ParseCard(card); err != nil {
		return err
	}
	_, err = s.Out.Write(catalog.CardFile, bytesOf(append(card, '\n')))
	return err
}

func bytesOf(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// configFile is the base's config.json with the size of the longer table: other fields of Hugging
// Face's stay.
func (s *session) configFile() ([]byte, error) {
	data, err := fs.ReadFile(s.Base.FS, biogpt.ConfigFile)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("%s: %w", biogpt.ConfigFile, err)
	}
	fields["vocab_size"] = json.RawMessage(fmt.Sprint(s.config.Vocab))
	if data, err = json.MarshalIndent(fields, "", "  "); err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

// card describes the model. The base's other tasks are gone, as all parameters moved.
func (s *session) card(sums map[string]string) catalog.Card {
	g := s.outcome.Generation
	base := s.Base.Card
	card := catalog.Card{
		Name: s.Name, Version: "1", Licence: base.Licence, Attention: base.Attention, Window: s.config.MaxPositions, Description: s.summary(),
		Tasks: []string{
			g.Task,
		}, Types: []string{}, Training: slices.Concat(base.Training, s.Sources), Generation: []model.Generation{g},
		SHA256: sums,
	}
	tables := score.Tables{}
	for name, table := range s.outcome.Score {
		tables[score.Subject{Task: g.Task, Data: "dev set", Setting: name}] = table
	}
	card.Scores = tables.Scores()
	for _, typ := range []string{g.Subject, g.Object} {
		if typ != "" && !slices.Contains(card.Types, typ) {
			card.Types = append(card.Types, typ)
		}
	}
	return card
}
