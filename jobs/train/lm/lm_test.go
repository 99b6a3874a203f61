package lm

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

func text(s string) *schemas.Document {
	return &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindAbstract, Text: s}}}
}

// sayings returns texts of a few sentences with a pattern that can be learned.
func sayings(n int, seed uint64) (docs []*schemas.Document) {
	random := rand.New(rand.NewPCG(seed, 1))
	nouns := []string{"rat", "mouse", "cell", "drug", "gene"}
	for i := range n {
		var b strings.Builder
		for range 2 + random.IntN(4) {
			fmt.Fprintf(
				&b, "The %s was given to the %s in group %d. ", nouns[random.IntN(5)], nouns[random.IntN(5)],
				1+random.IntN(3),
			)
		}
		d := text(strings.TrimSpace(b.String()))
		d.PMID = schemas.PMID(1000*seed + uint64(i))
		docs = append(docs, d)
	}
	return docs
}

func plan(attention string) Plan {
	return Plan{
		Name: "sayings", Sources: []string{"made up"}, Train: sayings(60, 1), Dev: sayings(6, 2),
		New:       Sizes{Layers: 1, Hidden: 32, Heads: 1, Vocabulary: 60},
		Attention: attention, Window: 64, Backend: device.GoMLX, Trainer: trunk.Options{Tokens: 256},
		Loop: loop.Options{Rate: 1e-2, Epochs: 4, Seed: 1, Checkpoint: 5},
	}
}

func quiet(string, ...any) {}

// runIn runs a plan in a directory, whose writer fails as fault does.
func runIn(t *testing.T, p Plan, path string, fault func(op, path string) error) (Outcome, error) {
	t.Helper()
	dir, err := modeldir.Create(path, modeldir.Options{Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	return Run(t.Context(), p, dir, quiet)
}

func mustRun(t *testing.T, p Plan, path string) Outcome {
	t.Helper()
	o, err := runIn(t, p, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestRun(t *testing.T) {
	for _, attention := range []string{biogpt.Causal, biogpt.Bidirectional} {
		t.Run(attention, func(t *testing.T) {
			path := t.TempDir()
			o, out := mustRun(t, plan(attention), path), os.DirFS(path)
			if first, last := o.Curve[0].Dev, o.Dev.Mean(); last > first-0.5 {
				t.Errorf("loss from %.3f to %.3f", first, last)
			}
			want := []string{
				biogpt.ConfigFile, "merges.txt", biogpt.WeightsFile, catalog.CardFile, CurveFile, "vocab.json",
			}
			if got := names(t, out); !slices.Equal(got, want) {
				t.Errorf("files %v, want %v", got, want)
			}
			data, err := fs.ReadFile(out, catalog.CardFile)
			if err != nil {
				t.Fatal(err)
			}
			card, err := catalog.ParseCard(data)
			if err != nil || card.Attention != attention || card.Window != 64 ||
				card.LanguageModel.Token != o.Score.Perplexity().Token ||
				len(card.SHA256) != 5 {
				t.Errorf("card %+v, %v", card, err)
			}
			// The model that was written has the measured loss.
			tok, err := tokenizer.Load(out)
			if err != nil {
				t.Fatal(err)
			}
			cfg, params, err := biogpt.Load(out)
			if err != nil {
				t.Fatal(err)
			}
			b, err := biogpt.OpenBackend(device.GoMLX)
			if err != nil {
				t.Fatal(err)
			}
			trainer, err := trunk.NewTrainer(b, cfg, params, trunk.Options{Tokens: 256})
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.Close()
			if again, err := Measure(t.Context(), trainer, tok, sayings(6, 2)); err != nil ||
				math.Abs(again.Loss.Sum-o.Score.Loss.Sum) > 1e-3 {
				t.Errorf("measured again %+v, %v; want %+v", again, err, o.Score)
			}
			// Training can continue from it.
			further := plan("")
			further.Base, further.BaseName, further.Window = out, "sayings", 0
			further.Loop.Epochs, further.Loop.Rate = 1, 0
			next := mustRun(t, further, t.TempDir())
			if next.Config != cfg || next.Dev.Mean() > o.Dev.Mean()+0.05 {
				t.Errorf("further: %+v, loss %.3f after %.3f", next.Config, next.Dev.Mean(), o.Dev.Mean())
			}
		})
	}
}

// names lists the files of a directory.
func names(t *testing.T, dir fs.FS) (list []string) {
	t.Helper()
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// A run that crashes when it publishes any file, of the state of training or of the model, is
// resumed to the same bytes; until then the directory has no card.
func TestRunResumesAfterAnyCrash(t *testing.T) {
	p := plan(biogpt.Causal)
	p.Train, p.Loop.Epochs, p.Loop.Evaluate, p.Loop.Checkpoint = p.Train[:30], 1, 4, 3
	errCrash := errors.New("crash")
	changes := 0
	crashAt := func(change int) func(op, path string) error {
		changes = 0
		return func(op, _ string) error {
			if op == "rename" {
				changes++
			}
			if change > 0 && changes >= change {
				return errCrash
			}
			return nil
		}
	}
	whole := t.TempDir()
	if _, err := runIn(t, p, whole, crashAt(0)); err != nil {
		t.Fatal(err)
	}
	total := changes
	for change := 1; change <= total; change++ {
		if testing.Short() && change%4 != 0 {
			continue
		}
		path := t.TempDir()
		if _, err := runIn(t, p, path, crashAt(change)); !errors.Is(err, errCrash) {
			t.Fatalf("change %d: %v", change, err)
		}
		if _, err := os.Stat(filepath.Join(path, catalog.CardFile)); err == nil {
			t.Errorf("change %d: a card before the model is complete", change)
		}
		mustRun(t, p, path)
		for _, name := range names(t, os.DirFS(whole)) {
			want, err1 := os.ReadFile(filepath.Join(whole, name))
			got, err2 := os.ReadFile(filepath.Join(path, name))
			if err := errors.Join(err1, err2); err != nil || !bytes.Equal(got, want) {
				t.Errorf("crash at change %d: %s differs, error %v", change, name, err)
			}
		}
	}
	if total < 10 {
		t.Errorf("%d changes", total)
	}
}

func TestPlanMistakes(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"0 in the dev set":      func(p *Plan) { p.Dev = nil },
		"no multiple of":        func(p *Plan) { p.New.Heads = 5 },
		"a window of 65: x has": func(p *Plan) { p.Base, p.BaseName, p.Window = tiny(t), "x", 65 },
		"11 pieces, its token":  func(p *Plan) { p.Base, p.BaseName = tiny(t, 8), "x" },
	} {
		p := plan(biogpt.Causal)
		change(&p)
		if _, err := runIn(t, p, t.TempDir(), nil); !errors.Is(err, ErrPlan) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	p := plan(biogpt.Causal)
	p.Base, p.BaseName = fstest.MapFS{}, "nothing"
	if _, err := runIn(t, p, t.TempDir(), nil); err == nil ||
		!strings.Contains(err.Error(), "base nothing") {
		t.Errorf("no base: %v", err)
	}
}

func TestSplit(t *testing.T) {
	docs := sayings(100, 1)
	learn, dev := Split(docs, nil, nil, 1)
	if len(learn) != 98 || len(dev) != 2 {
		t.Errorf("%d and %d", len(learn), len(dev))
	}
	if again, same := Split(docs, nil, nil, 1); !slices.Equal(again, learn) || !slices.Equal(same, dev) {
		t.Error("the same seed gives another split")
	}
	for _, d := range dev {
		if slices.Contains(learn, d) {
			t.Error("a document in both sets")
		}
	}
	held := []*schemas.Document{{PMID: docs[3].PMID}}
	twin := text(Text(docs[5])) // without an identifier
	learn, dev = Split(docs, []*schemas.Document{twin}, held, 1)
	if len(learn) != 98 || slices.Contains(learn, docs[3]) || slices.Contains(learn, docs[5]) ||
		!slices.Equal(dev, []*schemas.Document{twin}) {
		t.Errorf("%d and %d", len(learn), len(dev))
	}
}
