package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// write writes the model directory.
func (s *session) write(tensors []weights.Tensor, metadata map[string]string) error {
	if err := os.MkdirAll(s.Out, 0o755); err != nil {
		return err
	}
	if err := s.words.WriteFiles(s.Out); err != nil {
		return err
	}
	tags, types, err := s.tagger.Tensors()
	if err != nil {
		return err
	}
	maps.Copy(metadata, types)
	tensors = slices.Concat(tensors, tags)
	for _, t := range s.params.Tensors(s.trunk.Trunk()) {
		tensors = append(tensors, halve(t))
	}
	var data bytes.Buffer
	if err := weights.Write(&data, tensors, metadata); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.Out, biogpt.WeightsFile), data.Bytes(), 0o644); err != nil {
		return err
	}
	if err := s.writeJSON(biogpt.ConfigFile, s.trunk); err != nil {
		return err
	}
	if err := s.writeJSON(RecipeFile, s.Recipe); err != nil {
		return err
	}
	card := catalog.Card{
		Name: s.Name, Version: s.Version, Description: s.Description, Licence: "Apache-2.0", Attention: s.trunk.Attention, Window: s.trunk.MaxPositions, Tasks: append([]string{schemas.TaskNER}, s.Tasks...), Types: s.Tags.Types,
		Training: s.training(), Scores: s.measured.Scores(),
	}
	if card.SHA256, err = digests(s.Out); err != nil {
		return err
	}
	return s.writeJSON(catalog.CardFile, card)
}

// training names everything that was learned from, each once.
func (s *session) training() []string {
	var asked, names []string
	if slices.Contains(s.Tasks, schemas.TaskAnswers) {
		asked = []string{"pubmedqa"}
	}
	for _, name := range slices.Concat(s.Tags.Corpora, asked, s.Pool, s.Trunk.Masked.Files) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (s *session) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(s.Out, name), append(data, '\n'), 0o644)
}

// digests returns the SHA-256 of the files that a card vouches for.
func digests(dir string) (map[string]string, error) {
	sums := map[string]string{}
	for _, name := range []string{biogpt.ConfigFile, biogpt.WeightsFile, "vocab.json", "merges.txt", RecipeFile} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		sums[name] = hex.EncodeToString(sum[:])
	}
	return sums, nil
}
