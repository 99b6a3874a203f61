// Package jobstest makes small models for tests of jobs and commands.
package jobstest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
	"github.com/pubmine/pubmine/model/weights"
)

// Hidden is the width of the trunk of WriteModel.
const Hidden = 32

// WriteModel writes a model that tags every word as a chemical, relates every two of them, answers
// yes to everything, and labels every document as a study. Its heads read the trunk's states with
// zero weights.
func WriteModel(t testing.TB, tasks ...string) (dir string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir = t.TempDir()
	tok, err := tokenizer.Learn(map[string]int{"the": 3, "gene": 2}, 300)
	must(err)
	tokenizertest.Write(t, tok, dir)
	config := biogpt.NewConfig(tok.Size(), Hidden, 1, 2, 64, 64, biogpt.Bidirectional)
	WriteJSON(t, filepath.Join(dir, biogpt.ConfigFile), config)

	linear := func(dim int, bias ...float32) *heads.Linear {
		return &heads.Linear{Labels: len(bias), Dim: dim, Bias: bias, Dense: make([]float32, dim*len(bias))}
	}
	tagger, err := heads.NewTagger([]string{"Chemical"}, linear(Hidden, 0, 9, 0), heads.NewCRF(1))
	must(err)
	tensors, metadata, err := tagger.Tensors()
	must(err)
	judge := &heads.RelationClassifier{
		Types: []string{
			"CID",
		}, Pairs: [][2]string{{"Chemical", "Chemical"}}, Linear: linear(
			heads.PairStates*Hidden, 0, 9,
		), Temperature: 1, Threshold: 0.5,
	}
	more, settings, err := judge.Tensors("test")
	must(err)
	for key, value := range settings {
		metadata[key] = value
	}
	tensors = append(append(tensors, more...), heads.SummaryTensors(linear(Hidden, 1))...)
	said, settings, err := (&heads.AnswerClassifier{
		Answers: []string{"no", "yes"}, Linear: linear(0, 0, 1), Temperature: 1,
	}).Tensors()
	must(err)
	for key, value := range settings {
		metadata[key] = value
	}
	tensors = append(tensors, said...)
	labels, settings, err := (&heads.LabelClassifier{
		Labels: []string{"Study"}, Thresholds: []float32{0.5}, Linear: linear(0, 1),
	}).Tensors()
	must(err)
	for key, value := range settings {
		metadata[key] = value
	}
	names := linker.Names{}
	names.Add("Chemical", "aspirin", "MESH:D001241", 1)
	linked, settings, err := (&linker.Head{Names: names}).Tensors()
	must(err)
	for key, value := range settings {
		metadata[key] = value
	}
	tensors = append(tensors, labels...)
	tensors = append(tensors, linked...)
	tensors = append(tensors, biogpt.InitStructured(config, 1).Tensors(config.Trunk())...)
	var file bytes.Buffer
	must(weights.Write(&file, tensors, metadata))
	must(os.WriteFile(filepath.Join(dir, biogpt.WeightsFile), file.Bytes(), 0o666))

	WriteCard(t, dir, catalog.Card{Name: "test", Tasks: tasks})
	return dir
}

// WriteCard writes the card of a model directory, with the digests of all its files.
func WriteCard(t testing.TB, dir string, card catalog.Card) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	card.SHA256 = map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		card.SHA256[f.Name()] = hex.EncodeToString(sum[:])
	}
	WriteJSON(t, filepath.Join(dir, catalog.CardFile), card)
}

// WriteJSON writes a file and returns its path.
func WriteJSON(t testing.TB, path string, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
