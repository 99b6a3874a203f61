package lm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
)

// CurveFile is the name of the plot of training in a model directory.
const CurveFile = "training.html"

// write writes the model directory. Heads of the base are left out, because they do not fit a
// trunk that was trained further.
func (s *session) write(dir *modeldir.Writer) error {
	tensors := s.outcome.Params.Tensors(s.config.Trunk())
	_, err := dir.Write(biogpt.WeightsFile, func(w io.Writer) error {
		return weights.Write(w, tensors, map[string]string{"format": "pt"})
	})
	if err != nil {
		return err
	}
	files, err := s.tok.Files()
	if err != nil {
		return err
	}
	config, err := json.MarshalIndent(s.config, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", biogpt.ConfigFile, err)
	}
	files[biogpt.ConfigFile] = append(config, '\n')
	var page bytes.Buffer
	if err := curves.WriteLosses(&page, s.Name, s.losses(), s.outcome.Best); err != nil {
		return err
	}
	files[CurveFile] = page.Bytes()
	for name, data := range files {
		if err := dir.Put(name, data); err != nil {
			return err
		}
	}
	return dir.Commit(s.card())
}

func (s *session) losses() (points []curves.Losses) {
	for _, p := range s.outcome.Curve {
		points = append(points, curves.Losses{Step: p.Step, Train: p.Train, Dev: p.Dev})
	}
	return points
}

// card describes the model.
func (s *session) card() catalog.Card {
	kind := "A causal language model"
	if s.config.Attention == biogpt.Bidirectional {
		kind = "A masked language model"
	}
	from := "from scratch"
	if s.Base != nil {
		from = "from " + s.BaseName + ", whose licence it has"
	}
	p := s.outcome.Score.Perplexity()
	p.Data = "dev set"
	return catalog.Card{
		Name: s.Name, Version: "1", Licence: cmp.Or(s.Licence, "unknown"), Window: s.config.MaxPositions,
		Attention: cmp.Or(s.config.Attention, biogpt.Causal),
		Description: fmt.Sprintf(
			"%s, trained %s for %d steps (the best is step %d) on %d documents.", kind, from, s.outcome.Steps,
			s.outcome.Best, len(s.Train),
		),
		Tasks: []string{}, Types: []string{}, Training: slices.Clone(s.Sources), Scores: []catalog.Score{},
		LanguageModel: p,
	}
}
