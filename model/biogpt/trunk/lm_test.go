package trunk

import (
	"math"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// following makes examples of sequences in which each token's target is the next.
func following(sequences [][]int32) []Example {
	var list []Example
	for _, s := range sequences {
		list = append(list, Example{s, append(slices.Clone(s[1:]), NoTarget)})
	}
	return list
}

func step(t *testing.T, tr *Trainer, rate float64, batches ...[]Example) Loss {
	t.Helper()
	loss, err := tr.StepLM(rate, batches...)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func params(t *testing.T, tr *Trainer) biogpt.Params {
	t.Helper()
	p, err := tr.Params()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStepLMLearns(t *testing.T) {
	cfg := small(biogpt.Causal)
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		trainer := newTrainer(t, b, cfg, biogpt.InitStructured(cfg, 4), Options{Tokens: 64})
		batch := following(sequences(cfg, 12, 7))
		first := step(t, trainer, 1e-2, batch)
		if math.Abs(first.Mean()-math.Log(float64(cfg.Vocab))) > 0.5 || first.Targets != 17 {
			t.Errorf("loss %g of %d before training, want about ln %d", first.Mean(), first.Targets, cfg.Vocab)
		}
		last := first
		for range 60 {
			last = step(t, trainer, 1e-2, batch)
		}
		if last.Mean() > 0.3 {
			t.Errorf("loss %g after 60 steps", last.Mean())
		}
		if b.Class() != device.GoMLX {
			return // the other shape takes long to compile
		}
		one := []Example{
			{batch[0].Tokens, slices.Repeat([]int32{NoTarget}, 12)},
			{batch[1].Tokens, slices.Repeat([]int32{NoTarget}, 7)},
		}
		one[1].Targets[3] = batch[1].Tokens[4]
		if loss := step(t, trainer, 0, one); loss.Mean() > 0.5 || loss.Targets != 1 {
			t.Errorf("loss of one target: %+v", loss)
		}
	})
}

// TestLossIsThatOfTheStates repeats the loss in plain Go from the states.
func TestLossIsThatOfTheStates(t *testing.T) {
	cfg := small(biogpt.Causal)
	start := biogpt.InitStructured(cfg, 4)
	batch := following(sequences(cfg, 12, 7, 3))
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		trainer := newTrainer(t, b, cfg, start, Options{Tokens: 128})
		states, err := trainer.Forward([][]int32{batch[0].Tokens, batch[1].Tokens, batch[2].Tokens})
		if err != nil {
			t.Fatal(err)
		}
		var want Loss
		table := start[biogpt.TokenTable]
		for i, e := range batch {
			for j, target := range e.Targets[:len(e.Targets)-1] {
				sum, logit := 0.0, 0.0
				for id := range cfg.Vocab {
					x := 0.0
					for d := range cfg.Hidden {
						x += float64(states[i][j*cfg.Hidden+d]) * float64(table[id*cfg.Hidden+d])
					}
					if sum += math.Exp(x); id == int(target) {
						logit = x
					}
				}
				want = want.Add(Loss{math.Log(sum) - logit, 1})
			}
		}
		dropping := newTrainer(
			t, b, cfg, start, Options{Tokens: 128, Dropout: 0.5},
		) // which does not count when measuring
		for _, tr := range []*Trainer{trainer, dropping} {
			got, err := tr.LossLM(batch)
			if err != nil || got.Targets != want.Targets || math.Abs(got.Sum-want.Sum) > 1e-4 {
				t.Errorf("loss %+v, %v; want %+v", got, err, want)
			}
		}
		if p := math.Exp(want.Sum / 19); math.Abs(want.Perplexity()-p) > 1e-9 {
			t.Errorf("perplexity %g, want %g", want.Perplexity(), p)
		}
		if none, err := trainer.LossLM([]Example{{[]int32{2}, []int32{NoTarget}}}); err != nil || none != (Loss{}) {
			t.Errorf("no targets: %+v, %v", none, err)
		}
	})
}

// TestAccumulationIsOneBigBatch takes two steps with batches of one sequence, and with one batch
// that holds them all. The batches have different numbers of targets, so a mean of means would
// differ.
func TestAccumulationIsOneBigBatch(t *testing.T) {
	cfg := small(biogpt.Causal)
	start := biogpt.InitStructured(cfg, 4)
	all := following(sequences(cfg, 12, 7, 30))
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		whole := newTrainer(t, b, cfg, start, Options{Tokens: 96})
		parts := newTrainer(t, b, cfg, start, Options{Tokens: 32})
		for range 2 {
			x, y := step(t, whole, 1e-2, all), step(t, parts, 1e-2, all[:1], all[1:2], all[2:])
			if x.Targets != y.Targets || math.Abs(x.Sum-y.Sum) > 1e-3 {
				t.Errorf("losses %+v and %+v", x, y)
			}
		}
		if parts.Steps() != 2 {
			t.Errorf("%d steps", parts.Steps())
		}
		after := params(t, parts)
		for name, values := range params(t, whole) {
			for i, v := range values {
				// A step of AdamW is about the learning rate whatever the gradient, so where that
				// is next to nothing rounding decides.
				if math.Abs(float64(v-after[name][i])) > 2e-3 {
					t.Fatalf("%s[%d]: %g in one batch, %g in three", name, i, v, after[name][i])
				}
			}
		}
	})
}

// TestAccumulatedGradient compares the first moments, which are a tenth of the gradient, more
// closely than parameters allow.
func TestAccumulatedGradient(t *testing.T) {
	cfg := small(biogpt.Bidirectional)
	start := biogpt.InitStructured(cfg, 4)
	all := following(sequences(cfg, 12, 7, 30))
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	whole := newTrainer(t, b, cfg, start, Options{Tokens: 96})
	parts := newTrainer(t, b, cfg, start, Options{Tokens: 32})
	step(t, whole, 1e-2, all)
	step(t, parts, 1e-2, all[:1], all[1:2], all[2:])
	for i := range 3 * len(whole.specs) {
		s := whole.specs[i%len(whole.specs)]
		x, err := whole.state[i].Float32s(s.Size())
		if err != nil {
			t.Fatal(err)
		}
		y, err := parts.state[i].Float32s(s.Size())
		if err != nil {
			t.Fatal(err)
		}
		if i < len(whole.specs) {
			continue
		}
		for j := range x {
			if math.Abs(float64(x[j]-y[j])) > 1e-6 {
				t.Fatalf("%s%s[%d]: %g and %g", parts.specs[0].Name, s.Name, j, x[j], y[j])
			}
		}
	}
}

// TestBFloat16StaysNear trains in both precisions: the losses stay close, and the state is float32.
func TestBFloat16StaysNear(t *testing.T) {
	cfg := small(biogpt.Causal)
	start := biogpt.InitStructured(cfg, 4)
	batch := following(sequences(cfg, 12, 7, 30))
	eachBackend(t, func(t *testing.T, b *biogpt.Backend) {
		single := newTrainer(t, b, cfg, start, Options{Tokens: 96})
		half := newTrainer(t, b, cfg, start, Options{Tokens: 96, Precision: biogpt.BFloat16})
		var x, y Loss
		for i := range 30 {
			x, y = step(t, single, 3e-3, batch), step(t, half, 3e-3, batch)
			if math.Abs(x.Mean()-y.Mean()) > 0.05 {
				t.Fatalf("step %d: loss %g, in bfloat16 %g", i, x.Mean(), y.Mean())
			}
		}
		if x == y {
			t.Error("bfloat16 changed nothing")
		}
		rounded := true
		for _, v := range params(t, half)["biogpt.layers.0.fc1.weight"] {
			rounded = rounded && math.Float32bits(v)&0xffff == 0
		}
		if rounded {
			t.Error("the parameters themselves are rounded")
		}
	})
}
