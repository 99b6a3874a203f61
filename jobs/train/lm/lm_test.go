package lm

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/jobs/train/loop/looptest"
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

// sayings makes texts of a few sentences, so that there is something to learn.
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
		Name: "sayings", Sources: []string{"made up"}, Train: sayings(60, 1), Dev: sayings(6, 2), New: Sizes{Layers: 1, Hidden: 32, Heads: 1, Vocabulary: 60},
		Attention: attention, Window: 64, Backend: device.GoMLX, Trainer: trunk.Options{Tokens: 256},
		Loop: loop.Options{Rate: 1e-2, Epochs: 4, Seed: 1, Checkpoint: 5},
	}
}

func quiet(string, ...any) {}

func mustRun(t *testing.T, p Plan, out, work *looptest.Folder) Outcome {
	t.Helper()
	o, err := Run(t.Context(), p, out, work, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestRun(t *testing.T) {
	for _, attention := range []string{biogpt.Causal, biogpt.Bidirectional} {
		t.Run(attention, func(t *testing.T) {
			out := looptest.New()
			o := mustRun(t, plan(attention), out, looptest.New())
			if first, last := o.Curve[0].Dev, o.Dev.Mean(); last > first-0.5 {
				t.Errorf("loss from %.3f to %.3f", first, last)
			}
			if want := []string{biogpt.ConfigFile, "merges.txt", biogpt.WeightsFile, catalog.CardFile, CurveFile, "vocab.json"}; !slices.Equal(
				out.Names(), want,
			) {
				t.Errorf("files %v, want %v", out.Names(), want)
			}
			data, err := fs.ReadFile(out, catalog.CardFile)
			if err != nil {
				t.Fatal(err)
			}
			card, err := catalog.ParseCard(data)
			if err != nil || card.Attention != attention || card.Window != 64 ||
				card.LanguageModel.Token != o.Score.Perplexity().Token ||
				len(card.SHA256) != 4 {
				t.Errorf("card %+v, %v", card, err)
			}
			// What is read again is what was measured.
			words, err := tokenizer.Load(out)
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
			if again, err := Measure(t.Context(), trainer, words, sayings(6, 2)); err != nil ||
				math.Abs(again.Loss.Sum-o.Score.Loss.Sum) > 1e-3 {
				t.Errorf("measured again %+v, %v; want %+v", again, err, o.Score)
			}
			// And one can go on from it.
			further := plan("")
			further.Base, further.BaseName, further.Window = out, "sayings", 0
			further.Loop.Epochs, further.Loop.Rate = 1, 0
			next := mustRun(t, further, looptest.New(), looptest.New())
			if next.Config != cfg || next.Dev.Mean() > o.Dev.Mean()+0.05 {
				t.Errorf("further: %+v, loss %.3f after %.3f", next.Config, next.Dev.Mean(), o.Dev.Mean())
			}
		})
	}
}

// TestRunGoesOnAfterAnyCrash switches the machine off at every change of either folder: the model
// that comes of it in the end is the same bytes, and before the card is there, there is none.
func TestRunGoesOnAfterAnyCrash(t *testing.T) {
	p := plan(biogpt.Causal)
	p.Train, p.Loop.Epochs, p.Loop.Evaluate, p.Loop.Checkpoint = p.Train[:30], 1, 4, 3
	out, work := looptest.New(), looptest.New()
	mustRun(t, p, out, work)
	for off := 1; off <= out.Changes+work.Changes; off++ {
		if testing.Short() && off%4 != 0 {
			continue
		}
		again, state := looptest.New(), looptest.New()
		if state.Off = off; off > work.Changes {
			state.Off, again.Off = 0, off-work.Changes
		}
		if _, err := Run(t.Context(), p, again, state, quiet); !errors.Is(err, looptest.ErrOff) {
			t.Fatalf("change %d: %v", off, err)
		}
		if _, err := fs.Stat(again, catalog.CardFile); err == nil {
			t.Errorf("change %d: a card before the model is whole", off)
		}
		state.Off, again.Off = 0, 0
		mustRun(t, p, again, state)
		for name, f := range out.MapFS {
			if !bytes.Equal(again.MapFS[name].Data, f.Data) {
				t.Errorf("off at change %d: %s differs", off, name)
			}
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"0 to measure on":       func(p *Plan) { p.Dev = nil },
		"no multiple of":        func(p *Plan) { p.New.Heads = 5 },
		"a window of 65: x has": func(p *Plan) { p.Base, p.BaseName, p.Window = tiny(t), "x", 65 },
		"11 pieces, its token":  func(p *Plan) { p.Base, p.BaseName = tiny(t, 8), "x" },
	} {
		p := plan(biogpt.Causal)
		change(&p)
		if _, err := Run(t.Context(), p, looptest.New(), looptest.New(), quiet); !errors.Is(err, ErrPlan) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	p := plan(biogpt.Causal)
	p.Base, p.BaseName = looptest.New(), "nothing"
	if _, err := Run(t.Context(), p, looptest.New(), looptest.New(), quiet); err == nil ||
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
		t.Error("the same seed splits otherwise")
	}
	for _, d := range dev {
		if slices.Contains(learn, d) {
			t.Error("a document on both sides")
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
