package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/model/catalog"
)

// reports writes a file of short texts, a document a line.
func reports(t *testing.T, dir, name string, n int, seed uint64) string {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	subjects := []string{"rat", "mouse", "patient", "cell"}
	var b strings.Builder
	for range n {
		for range 2 + random.IntN(3) {
			fmt.Fprintf(&b, "The %s was given %d doses. ", subjects[random.IntN(4)], 1+random.IntN(3))
		}
		fmt.Fprintf(&b, "Report %d.\n", random.IntN(10000))
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func languageArgs(texts, out string, more ...string) []string {
	return append(
		[]string{
			"train", "lm", "--train", texts, "--out", out, "--new", "1x32", "--heads", "1",
			"--vocabulary", "120", "--window", "48", "--tokens", "192", "--rate", "0.01", "--epochs", "2",
			"--backend", "cpu", "--checkpoint", "3",
		},
		more...)
}

// filesOf returns the files of a model directory, and checks that there are no others.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[e.Name()] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 6 {
		t.Errorf("%s holds %d files", dir, len(files))
	}
	return files
}

// From texts to a model that generates and can be fine-tuned; eval gives the scores of its card.
func TestLanguageModelPath(t *testing.T) {
	dir := t.TempDir()
	texts, held := reports(t, dir, "reports.txt", 80, 1), reports(t, dir, "held.txt", 5, 2)
	out := filepath.Join(dir, "reporter")
	if printed := stdout(t, languageArgs(texts, out, "--dev", held)...); !strings.Contains(printed, "dev set") ||
		!strings.Contains(printed, "pubmine generate") {
		t.Errorf("train prints\n%s", printed)
	}
	m, err := catalog.Resolve(out)
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Card; c.Name != "reporter" || len(c.Tasks) != 0 || c.Training[0] != "reports.txt" ||
		c.LanguageModel.Documents != 5 {
		t.Errorf("card %+v", c)
	}
	var measured struct {
		Attention string
		Results   []struct {
			Data             string
			Loss, Perplexity float64
		}
	}
	if err := json.Unmarshal(
		[]byte(stdout(t, "eval", "lm", "--model", out, held, "--json", "--backend", "cpu")), &measured,
	); err != nil {
		t.Fatal(err)
	}
	r := measured.Results[0]
	if measured.Attention != "causal" || r.Data != held || math.Abs(r.Loss-m.Card.LanguageModel.Loss) > 1e-3 ||
		math.Abs(r.Perplexity-math.Exp(r.Loss)) > 0.01*r.Perplexity {
		t.Errorf("eval prints %+v, the card %+v", measured, m.Card.LanguageModel)
	}
	if printed := stdout(t, "eval", "lm", "--model", out, held, texts, "--backend", "cpu"); !strings.Contains(
		printed, "| all ",
	) {
		t.Errorf("eval says\n%s", printed)
	}
	if printed := stdout(
		t, "generate", "--model", out, "--prompt", "The rat was", "--max-new", "5",
	); !strings.HasPrefix(
		printed,
		"The rat was ",
	) {
		t.Errorf("generate prints %q", printed)
	}
	masked := filepath.Join(dir, "masked")
	printed := stdout(
		t, "train", "lm", "--train", texts, "--out", masked, "--base", out, "--attention",
		"bidirectional", "--steps", "2", "--backend", "cpu",
	)
	if !strings.Contains(printed, "--tasks ner --base "+masked) ||
		!strings.Contains(filesOf(t, masked)["config.json"], "bidirectional") {
		t.Errorf("train prints\n%s", printed)
	}
}

// stopAfter is a stream that cancels after a number of lines with a text.
type stopAfter struct {
	bytes.Buffer
	text   string
	lines  int
	cancel context.CancelFunc
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.text) {
		if s.lines--; s.lines == 0 {
			s.cancel()
		}
	}
	return s.Buffer.Write(p)
}

// A training that is stopped repeatedly gives the same model as an undisturbed one.
func TestLanguageModelResumes(t *testing.T) {
	dir := t.TempDir()
	texts := reports(t, dir, "reports.txt", 60, 1)
	alone, stopped := filepath.Join(dir, "1", "reporter"), filepath.Join(dir, "2", "reporter")
	stdout(t, languageArgs(texts, alone)...)
	for stops := 0; ; stops++ {
		ctx, cancel := context.WithCancel(t.Context())
		errs := stopAfter{text: "dev loss", lines: 2, cancel: cancel}
		err := executed(t, ctx, languageArgs(texts, stopped), streams{out: new(bytes.Buffer), err: &errs})
		cancel()
		if err == nil {
			if stops < 3 {
				t.Errorf("only %d stops", stops)
			}
			break
		}
		if exit.Code(err) != exit.Again {
			t.Fatalf("exit code %d: %v\n%s", exit.Code(err), err, errs.String())
		}
		if _, err := os.Stat(filepath.Join(stopped, catalog.CardFile)); err == nil {
			t.Error("a card before the model is whole")
		}
	}
	want := filesOf(t, alone)
	for name, data := range filesOf(t, stopped) {
		if data != want[name] {
			t.Errorf("%s differs", name)
		}
	}
}

func TestLanguageModelUsage(t *testing.T) {
	dir := t.TempDir()
	texts := reports(t, dir, "reports.txt", 20, 1)
	taken := filepath.Join(dir, "taken")
	if err := os.Mkdir(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(taken, "config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	begun := filepath.Join(dir, "begun")
	ctx, cancel := context.WithCancel(t.Context())
	err := executed(t,
		ctx, languageArgs(texts, begun),
		streams{out: new(bytes.Buffer), err: &stopAfter{text: "dev loss", lines: 1, cancel: cancel}},
	)
	if exit.Code(err) != exit.Again {
		t.Fatal(err)
	}
	busy := filepath.Join(dir, "busy")
	folder, err := modeldir.Create(busy, modeldir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	empty := filepath.Join(dir, "empty.txt")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(dir, "fresh")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{languageArgs(texts, taken), exit.Misuse, "it holds config.json already"},
		{languageArgs(texts, begun, "--seed", "2"), exit.Misuse, "state of another training"},
		{languageArgs(texts, busy), exit.Again, "another command writes this model"},
		{languageArgs(empty, fresh), exit.Input, "no texts"},
		{languageArgs(filepath.Join(dir, "none"), fresh), exit.Misuse, "none"},
		{languageArgs(texts, fresh, "--exclude", texts), exit.Misuse, "0 documents in the training set"},
		{languageArgs(texts, fresh, "--base", "bundled"), exit.Misuse, "can't be used together"},
		{languageArgs(texts, fresh, "--heads", "3"), exit.Misuse, "no multiple"},
		{languageArgs(texts, fresh, "--new", "big"), exit.Misuse, "such as 6x256"},
		{languageArgs(texts, fresh, "--new", "2x128x3"), exit.Misuse, "such as 6x256"},
		{languageArgs(texts, fresh, "--dropout", "1"), exit.Misuse, "--dropout"},
		{languageArgs(texts, fresh, "--tokens=-1"), exit.Misuse, "1 or more"},
		{strings.Fields("train lm --new 1x32 --out " + fresh), exit.Misuse, "--train"},
		{strings.Fields("train lm --base none --train x --out " + fresh), exit.Misuse, "none"},
		{strings.Fields("eval lm none.txt --backend cpu"), exit.Misuse, "none.txt"},
	} {
		err := executed(t, t.Context(), c.args, streams{out: new(bytes.Buffer), err: new(bytes.Buffer)})
		if exit.Code(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%v: exit code %d, error %v", c.args, exit.Code(err), err)
		}
	}
}
