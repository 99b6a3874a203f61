package prompttuning

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
)

// write writes parameters, configuration and vocabulary, measures the model on the dev set, and
// commits the model directory.
func (s *session) write(ctx context.Context) error {
	_, err := s.Out.Write(biogpt.WeightsFile, func(w io.Writer) error {
		return weights.Write(w, s.outcome.Params.Tensors(s.config.Trunk()), map[string]string{"format": "pt"})
	})
	if err != nil {
		return err
	}
	s.outcome.Params = nil // memory for the decoder
	files, err := s.tok.Files()
	if err != nil {
		return err
	}
	if files[biogpt.ConfigFile], err = s.configFile(); err != nil {
		return err
	}
	for name, data := range files {
		if err := s.Out.Put(name, data); err != nil {
			return err
		}
	}
	if err := s.measure(ctx); err != nil {
		return err
	}
	return s.Out.Commit(s.card())
}

// configFile returns the config.json of the base with the size of the longer token table. Fields
// that are not ours stay.
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

// card returns the card. The other tasks of the base are dropped, because all parameters changed.
func (s *session) card() catalog.Card {
	g := s.outcome.Generation
	base := s.Base.Card
	card := catalog.Card{
		Name: s.Name, Version: "1", Licence: base.Licence, Attention: base.Attention, Window: s.config.MaxPositions,
		Description: s.summary(),
		Tasks: []string{
			g.Task,
		}, Types: []string{}, Training: slices.Concat(base.Training, s.Sources), Generation: []model.Generation{g},
		Scores: s.outcome.Score.Scores(),
	}
	for _, typ := range []string{g.Subject, g.Object} {
		if typ != "" && !slices.Contains(card.Types, typ) {
			card.Types = append(card.Types, typ)
		}
	}
	return card
}
