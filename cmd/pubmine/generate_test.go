package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
	"github.com/pubmine/pubmine/model/weights"
)

// tinyModel writes a model of random weights into a new directory.
func tinyModel(t *testing.T, attention string) string {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.Learn(
		map[string]int{"the": 9, "cell": 5, "wall": 4, "is": 8, "of": 7, "a": 9, "thin": 3, "well": 2}, 60,
	)
	if err != nil {
		t.Fatal(err)
	}
	tokenizertest.Write(t, tok, dir)
	cfg := biogpt.NewConfig(tok.Size(), 32, 2, 2, 48, 40, attention)
	config, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	params := biogpt.InitStructured(cfg, 5)
	for i := range params[biogpt.TokenTable] {
		params[biogpt.TokenTable][i] *= 3 // so that the next token is not always the same one
	}
	var data bytes.Buffer
	if err := weights.Write(&data, params.Tensors(cfg.Trunk()), map[string]string{"format": "pt"}); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{biogpt.ConfigFile: config, biogpt.WeightsFile: data.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// written runs pubmine generate with lines on standard input.
func written(t *testing.T, input string, args ...string) (out, printed string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(path, []byte(input), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	old := os.Stdin
	defer func() { os.Stdin = old }()
	os.Stdin = f
	var stdout, stderr bytes.Buffer
	err = executed(t, context.Background(), append([]string{"generate"}, args...), streams{out: &stdout, err: &stderr})
	return stdout.String(), stderr.String(), err
}

type generatedLine struct {
	ID       int       `json:"id"`
	Text     string    `json:"text"`
	IDs      []int32   `json:"ids"`
	LogProbs []float64 `json:"log_probs"`
	Score    float64   `json:"score"`
	Finish   string    `json:"finish"`
}

func generatedLines(t *testing.T, input string, args ...string) []generatedLine {
	t.Helper()
	out, _, err := written(t, input, append(args, "--json")...)
	if err != nil {
		t.Fatal(err)
	}
	var list []generatedLine
	for line := range strings.Lines(out) {
		var l generatedLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

func TestGenerate(t *testing.T) {
	dir := tinyModel(t, biogpt.Causal)
	prompts := []string{"the cell", "a wall is", "", "the cell wall of the well", "thin"}
	lines := generatedLines(t, strings.Join(prompts, "\n"), "--model", dir, "--max-new", "9", "--slots", "2")
	if len(lines) != len(prompts) {
		t.Fatalf("%d lines for %d prompts", len(lines), len(prompts))
	}
	out, printed, err := written(t, strings.Join(prompts, "\n")+"\n", "--model", dir, "--max-new", "9")
	if err != nil || !strings.Contains(printed, "5 texts, ") || !strings.HasSuffix(printed, " tokens/s on cpu\n") {
		t.Errorf("%v, printed %q", err, printed)
	}
	texts := strings.Split(out, "\n")
	near := cmpopts.EquateApprox(0, 1e-4)
	for i, l := range lines {
		var sum float64
		for _, p := range l.LogProbs {
			sum += p
		}
		if l.ID != i+1 || len(l.IDs) != len(l.LogProbs) || math.Abs(sum-l.Score) > 1e-9 ||
			l.Finish == "length" != (len(l.IDs) == 9 && l.IDs[8] != 2) {
			t.Errorf("%+v", l)
		}
		if want := prompts[i] + " " + l.Text; strings.TrimSpace(texts[i]) != strings.TrimSpace(want) {
			t.Errorf("%q, want %q", texts[i], want)
		}
		alone := generatedLines(t, "", "--model", dir, "--max-new", "9", "--backend", "cpu", "--prompt", prompts[i])
		alone[0].ID = l.ID
		if diff := cmp.Diff(alone[0], l, near); diff != "" {
			t.Errorf("prompt %d, alone on another backend: %s", i, diff)
		}
	}
}

func TestGenerateOptions(t *testing.T) {
	dir := tinyModel(t, biogpt.Causal)
	base := []string{"--model", dir, "--max-new", "12", "--prompt", "the cell"}
	sampled := func(seed string) []generatedLine {
		return generatedLines(
			t,
			"",
			append(
				base, "--temperature", "1.2", "--top-p", "0.95", "--top-k", "30", "--seed", seed, "--return", "2",
			)...)
	}
	one, two := sampled("1"), sampled("2")
	if diff := cmp.Diff(one, sampled("1")); diff != "" {
		t.Errorf("the same seed: %s", diff)
	}
	if len(one) != 2 || slices.Equal(one[0].IDs, one[1].IDs) || slices.Equal(one[0].IDs, two[0].IDs) {
		t.Errorf("draws are equal: %v, %v", one, two)
	}
	for _, early := range []string{"false", "true", "never"} {
		beams := generatedLines(
			t,
			"",
			append(base, "--beams", "4", "--return", "3", "--early-stopping", early, "--length-penalty", "0.5")...)
		if len(beams) != 3 || beams[0].Score < beams[1].Score || beams[1].Score < beams[2].Score {
			t.Errorf("beams, early stopping %s: %+v", early, beams)
		}
	}
	long := generatedLines(t, "", append(base, "--min-new", "12")...)[0]
	fields := strings.Fields(long.Text)
	letter := fields[len(fields)-1][:1]
	stopped := generatedLines(t, "", append(base, "--min-new", "12", "--stop", letter)...)[0]
	before, _, _ := strings.Cut(long.Text, letter)
	if stopped.Text != before || stopped.Finish != "stop" {
		t.Errorf("%q stopped at %q is %+v", long.Text, letter, stopped)
	}
	if out, _, err := written(t, "", append(base, "--min-new", "12", "--stop", letter)...); err != nil ||
		strings.Contains(strings.TrimPrefix(out, "the cell"), letter) {
		t.Errorf("%v: %q has %q", err, out, letter)
	}
}

func TestGenerateRefuses(t *testing.T) {
	dir := tinyModel(t, biogpt.Causal)
	for want, c := range map[string]struct {
		args []string
		code int
	}{
		"40 positions": {
			[]string{"--model", dir, "--max-new", "40", "--prompt", "the"}, exit.Misuse,
		},
		"prompt 1: ": {
			[]string{"--model", dir, "--prompt", "the", "--top-p", "2", "--max-new", "2"}, exit.Misuse,
		},
		"--slots":                          {[]string{"--model", dir, "--slots", "0"}, exit.Misuse},
		"missing flags":                    {[]string{"--prompt", "the"}, exit.Misuse},
		`model "nowhere"`:                  {[]string{"--model", "nowhere"}, exit.Misuse},
		"only a causal model can generate": {[]string{"--model", tinyModel(t, biogpt.Bidirectional)}, exit.Failure},
	} {
		_, _, err := written(t, "", c.args...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") ||
			exit.Code(err) != c.code {
			t.Errorf("%s: code %d: %v", want, exit.Code(err), err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := executed(t,
		ctx, []string{"generate", "--model", dir, "--prompt", "the", "--max-new", "3"},
		streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}},
	)
	if exit.Code(err) != exit.Again {
		t.Errorf("a signal: %v", err)
	}
}
