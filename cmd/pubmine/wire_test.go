package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights"
	answers "github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
)

const hidden = 32

// writeModel writes a model that calls every word a chemical and every two of them related, and
// says yes to everything. Its heads look at the trunk's states and are not moved by them.
func writeModel(t *testing.T, tasks ...string) (dir string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir = t.TempDir()
	words, err := tokenizer.Learn(map[string]int{"the": 3, "gene": 2}, 300)
	must(err)
	must(words.WriteFiles(dir))
	config := biogpt.NewConfig(words.Size(), hidden, 1, 2, 64, 64, biogpt.Bidirectional)
	writeJSON(t, filepath.Join(dir, biogpt.ConfigFile), config)

	linear := func(dim int, bias ...float32) *heads.Linear {
		return &heads.Linear{Labels: len(bias), Dim: dim, Bias: bias, Dense: make([]float32, dim*len(bias))}
	}
	tagger, err := heads.NewTagger([]string{"Chemical"}, linear(hidden, 0, 9, 0), heads.NewCRF(1))
	must(err)
	tensors, metadata, err := tagger.Tensors()
	must(err)
	judge := &relation.Head{
		Types: []string{
			"CID",
		}, Pairs: [][2]string{{"Chemical", "Chemical"}}, Linear: linear(relation.States*hidden, 0, 9), Temperature: 1, Threshold: 0.5,
	}
	more, settings, err := judge.Tensors("test")
	must(err)
	for key, value := range settings {
		metadata[key] = value
	}
	tensors = append(append(tensors, more...), summary.Tensors(linear(hidden, 1))...)
	said, settings, err := (&answers.Head{Answers: []string{"no", "yes"}, Linear: linear(0, 0, 1), Temperature: 1}).Tensors()
	must(err)
	for key, value := range settings {
		metadata[key] = value
	}
	tensors = append(tensors, said...)
	tensors = append(tensors, biogpt.InitStructured(config, 1).Tensors(config.Trunk())...)
	var file bytes.Buffer
	must(weights.Write(&file, tensors, metadata))
	must(os.WriteFile(filepath.Join(dir, biogpt.WeightsFile), file.Bytes(), 0o666))

	writeCard(t, dir, catalog.Card{Name: "test", Tasks: tasks})
	return dir
}

// writeCard writes the card of a model directory, which vouches for all files that are there.
func writeCard(t *testing.T, dir string, card catalog.Card) {
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
	writeJSON(t, filepath.Join(dir, catalog.CardFile), card)
}

// writeJSON writes a file and returns its path.
func writeJSON(t *testing.T, path string, v any) string {
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

// mine runs the command line over a small sample and returns the corpus.
func mine(t *testing.T, args ...string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "C")
	args = append(
		[]string{"run", filepath.Join("..", "..", "testdata", "pubmed", "books.xml"), "--corpus", root},
		args...)
	if err := execute(context.Background(), args, streams{out: io.Discard, err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestEveryTaskOnTheTrunk(t *testing.T) {
	dir := writeModel(t, "ner", "relations", "summary")
	c, err := corpus.Open(mine(t, "--model", dir, "--backend", "cpu"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	rows := s.Counts().Rows
	if rows["mentions"] == 0 || rows["relations"] == 0 || rows["summaries"] == 0 || rows["rejects"] > 0 {
		t.Errorf("%v", rows)
	}
	if !strings.HasPrefix(s.Units[0].Model, "test@") {
		t.Errorf("model %q", s.Units[0].Model)
	}
	abstract, err := findAbstract(c, &s, int32(s.Units[0].FirstPMID))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := abstract.Write(&b, styleOf(&b)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"]Chemical", "Relations", " — CID → ", "Summary (extracted)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
}

func TestAssemble(t *testing.T) {
	dir := writeModel(t, "ner", "summary")
	for _, test := range []struct {
		tasks   []string
		backend string
		ran     int
		code    int
	}{
		{nil, "cpu", 2, 0},
		{[]string{"none"}, "", 0, 0},
		{[]string{"summary"}, "cpu", 1, 0},
		{[]string{"ner", "relations"}, "cpu", 0, exitUsage}, // the card does not serve it
		{nil, "abacus", 0, exitFailed},
	} {
		w, err := build(dir, test.tasks, test.backend, questions{})
		if code := exitCode(err); code != test.code {
			t.Errorf("%v on %s: exit code %d, error %v", test.tasks, test.backend, code, err)
		}
		if err != nil {
			continue
		}
		if len(w.tasks) != test.ran || w.spec.Backend != test.backend || (w.encoder == nil) != (test.ran == 0) {
			t.Errorf("%v on %s: %d tasks, spec %+v", test.tasks, test.backend, len(w.tasks), w.spec)
		}
		w.close()
	}
}

// A model whose files cannot be used is named, with what is wrong.
func TestAssembleBrokenModel(t *testing.T) {
	dir := writeModel(t, "answers")
	if _, err := build(dir, nil, "cpu", questions{}); exitCode(err) != exitUsage ||
		!strings.Contains(err.Error(), "answers") {
		t.Errorf("error %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, biogpt.WeightsFile), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := build(dir, nil, "cpu", questions{own: true}); exitCode(err) != exitUsage ||
		!strings.Contains(err.Error(), biogpt.WeightsFile) {
		t.Errorf("error %v", err)
	}
}
