package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
	"github.com/pubmine/pubmine/schemas"
)

// spoil replaces the last element of a tensor of a model directory and seals the directory again.
func spoil(t *testing.T, dir, tensor string, value float64) {
	t.Helper()
	path := filepath.Join(dir, biogpt.WeightsFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	l, ok := f.Locate(tensor)
	if !ok || l.DType != weights.F32 {
		t.Fatalf("no %s of F32 in %v", tensor, f.Names())
	}
	copy(data[l.Offset+l.Bytes()-4:], weights.FromFloat32s("", []float32{float32(value)}, 1).Data)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	card, err := os.ReadFile(filepath.Join(dir, catalog.CardFile))
	if err != nil {
		return // a checkpoint without a card
	}
	parsed, err := catalog.ParseCard(card)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, catalog.CardFile)); err != nil {
		t.Fatal(err)
	}
	jobstest.WriteCard(t, dir, parsed)
}

// A model with an infinite weight or NaN is refused by every command that computes with it, and
// leaves nothing that looks like a result.
func TestWeightsThatAreNotFinite(t *testing.T) {
	const fc1 = "biogpt.layers.0.fc1.weight"
	in := t.TempDir()
	if err := os.WriteFile(filepath.Join(in, "x.xml"), []byte(setOf(article(1, "Aspirin helps."))), 0o666); err != nil {
		t.Fatal(err)
	}
	annotated := "1|t|Aspirin helps.\n1|a|\n1\t0\t7\tAspirin\tChemical\tMESH:D1\n\n"
	gold := filepath.Join(in, "x.PubTator")
	if err := os.WriteFile(gold, []byte(annotated), 0o666); err != nil {
		t.Fatal(err)
	}
	for tensor, index := range map[string]string{
		fc1: "[63 31]", "head.ner.bias": "[2]", "head.ner.transitions": "[0 2 2]", "head.ner.dense": "[2 31]",
	} {
		dir := jobstest.WriteModel(t, schemas.TaskNER)
		spoil(t, dir, tensor, math.NaN())
		root := filepath.Join(t.TempDir(), "C")
		for _, args := range [][]string{
			{"run", filepath.Join(in, "x.xml"), "--corpus", root, "--model", dir, "--backend", "cpu"},
			{"eval", gold, "--model", dir, "--backend", "cpu"},
			{"model", "convert", dir, filepath.Join(root, "model"), "--vocabulary", "none"},
		} {
			_, printed := pubmine(t, 42, args...)
			contains(t, args[0], printed, `"`+tensor+`": NaN at index `+index, "get or train the model again")
			if strings.Count(printed, "\n") != 1 {
				t.Errorf("%v: %q", args, printed)
			}
		}
		for _, left := range []string{"delta/*/[a-z]*.parquet", "model/*"} {
			if found, _ := filepath.Glob(filepath.Join(root, left)); len(found) > 0 {
				t.Errorf("%s: %v", tensor, found)
			}
		}
	}
}

// The same for the commands that generate, and for a checkpoint that has no card.
func TestGenerateWithWeightsThatAreNotFinite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	pubmine(t, 0, "model", "convert", writeFiles(t, publishedModel(t)), dir)
	spoil(t, dir, biogpt.PositionTable, math.Inf(1))
	want := writeFiles(t, map[string][]byte{"expected.json": []byte(
		`{"forward":[{"name":"one","input_ids":[[2,5]],"attention_mask":[[1,1]],"selected":[]}]}`)})
	text := filepath.Join(want, "x.jsonl")
	if err := os.WriteFile(text, bytes.Repeat([]byte("{\"text\": \"the gene\"}\n"), 3), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"generate", "--model", dir, "--prompt", "the gene"},
		{"eval", "lm", "--model", dir, text},
		{"model", "check", dir, "--expected", filepath.Join(want, "expected.json")},
	} {
		_, printed := pubmine(t, 42, append(args, "--backend", "cpu")...)
		contains(t, args[0], printed, "model "+dir+": ", `"biogpt.embed_positions.weight": +Inf at index [65 31]`)
	}
}
