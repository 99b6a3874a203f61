package loop

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/weights"
)

func config() biogpt.Config { return biogpt.NewConfig(20, 8, 1, 2, 16, 64, biogpt.Causal) }

// fresh returns a new trainer. It does not use XLA, which would compile for longer than these tests
// take.
func fresh(t testing.TB) *trunk.Trainer {
	t.Helper()
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trunk.NewTrainer(
		b, config(), biogpt.InitStructured(config(), 1), trunk.Options{Tokens: 64, Dropout: 0.1, Seed: 2},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

// counting returns sequences in which tokens increase by a constant, which differs between
// sequences.
func counting(n int, seed uint64) (list []trunk.Example) {
	random := rand.New(rand.NewPCG(seed, 1))
	for range n {
		tokens := make([]int32, 6+random.IntN(40))
		at, by := random.IntN(16), 1+random.IntN(2)
		for i := range tokens {
			tokens[i] = int32(4 + (at+i*by)%16)
		}
		list = append(list, trunk.Example{Tokens: tokens, Targets: append(slices.Clone(tokens[1:]), trunk.NoTarget)})
	}
	return list
}

func options() Options {
	return Options{Rate: 1e-2, Warmup: 0.1, Epochs: 3, Accumulate: 2, Evaluate: 4, Checkpoint: 3, Seed: 7, Start: "new"}
}

func train(t *testing.T, files Files, o Options) (Result, error) {
	t.Helper()
	return Run(t.Context(), fresh(t), counting(24, 1), counting(5, 2), files, o)
}

func mustTrain(t *testing.T, files Files, o Options) Result {
	t.Helper()
	r, err := train(t, files, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLearns(t *testing.T) {
	o := options()
	o.Epochs = 12
	var reports []Report
	o.Progress = func(r Report) { reports = append(reports, r) }
	files := newFiles()
	r := mustTrain(t, files, o)
	first, last := r.Curve[0], r.Curve[len(r.Curve)-1]
	if last.Dev > first.Dev-0.3 || last.Train > first.Train-0.3 {
		t.Errorf("losses from %+v to %+v", first, last)
	}
	if len(reports) != r.Steps || reports[0].Step != 1 || reports[r.Steps-1].Left != 0 || reports[3].Point == nil ||
		reports[2].Point != nil {
		t.Errorf("%d reports of %d steps", len(reports), r.Steps)
	}
	if x := reports[4]; x.Loss.Targets == 0 || x.TokensPerSecond <= 0 || x.Left <= 0 || x.Steps != r.Steps {
		t.Errorf("report %+v", x)
	}
	least := slices.MinFunc(r.Curve, func(a, b Point) int { return int(math.Copysign(1, a.Dev-b.Dev)) })
	if least.Step != r.Best || math.Abs(r.Dev.Mean()-least.Dev) > 1e-9 {
		t.Errorf("best %d with %g, want %+v", r.Best, r.Dev.Mean(), least)
	}
	if want := []string{stateFile, paramsFile(r.Best)}; !slices.Equal(files.names(), want) {
		t.Errorf("left %v, want %v", files.names(), want)
	}
}

// same reports whether two results are the same bytes.
func same(a, b Result) bool {
	for name, values := range a.Params {
		if !slices.Equal(values, b.Params[name]) {
			return false
		}
	}
	return len(a.Params) == len(b.Params) && slices.Equal(a.Curve, b.Curve) && a.Dev == b.Dev && a.Best == b.Best &&
		a.Steps == b.Steps
}

// A run that crashes at any change of its files is resumed to the same result.
func TestResumesAfterAnyCrash(t *testing.T) {
	for name, average := range map[string]int{"best": 0, "average": 2} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Average, o.Epochs = average, 2
			whole := newFiles()
			want := mustTrain(t, whole, o)
			if whole.changes < 8 {
				t.Fatalf("only %d changes", whole.changes)
			}
			for off := 1; off <= whole.changes; off++ {
				if testing.Short() && off%6 != 0 {
					continue
				}
				files := newFiles()
				files.off = off
				if _, err := train(t, files, o); !errors.Is(err, errOff) {
					t.Fatalf("change %d: %v", off, err)
				}
				files.off = 0
				got := mustTrain(t, files, o)
				if !same(got, want) {
					t.Errorf("off at change %d, resumed at step %d: another result", off, got.Resumed)
				}
				if got.Resumed == 0 && off > 2 {
					t.Errorf("off at change %d: begun anew", off)
				}
				if !slices.Equal(files.names(), whole.names()) {
					t.Errorf("off at change %d: left %v, want %v", off, files.names(), whole.names())
				}
			}
		})
	}
}

// A run that is cancelled after any step is resumed to the same result.
func TestResumesAfterCancellation(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the crashes are enough")
	}
	o := options()
	want := mustTrain(t, newFiles(), o)
	files := newFiles()
	for stops := 1; ; stops++ {
		ctx, cancel := context.WithCancel(t.Context())
		first := true
		o.Progress = func(r Report) {
			if first {
				cancel()
			}
			first = false
		}
		got, err := Run(ctx, fresh(t), counting(24, 1), counting(5, 2), files, o)
		cancel()
		if err == nil {
			if !same(got, want) || stops < want.Steps {
				t.Errorf("another result after %d stops", stops)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// A run stopped in the middle of an epoch of randomly masked examples is resumed to the same
// result.
func TestResumesVariedExamples(t *testing.T) {
	o := options()
	o.Epochs, o.Checkpoint = 2, 1
	o.Vary = func(e trunk.Example, random *rand.Rand) trunk.Example {
		out := trunk.Example{
			Tokens: slices.Clone(e.Tokens), Targets: slices.Repeat([]int32{trunk.NoTarget}, len(e.Tokens)),
		}
		i := random.IntN(len(e.Tokens))
		out.Tokens[i], out.Targets[i] = biogpt.UnknownID, e.Tokens[i]
		return out
	}
	want := mustTrain(t, newFiles(), o)
	files := newFiles()
	files.off = 9
	if _, err := train(t, files, o); !errors.Is(err, errOff) {
		t.Fatal(err)
	}
	files.off = 0
	if got := mustTrain(t, files, o); !same(got, want) || got.Resumed == 0 || got.Resumed%4 == 0 {
		t.Errorf("another result, resumed at %d", got.Resumed)
	}
}

// The loss of examples of all lengths is the sum of their losses.
func TestMeasureIsTheSum(t *testing.T) {
	trainer := fresh(t)
	examples := counting(30, 5)
	together, err := Measure(trainer, examples)
	if err != nil {
		t.Fatal(err)
	}
	var sum trunk.Loss
	for i := range examples {
		one, err := Measure(trainer, examples[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(one)
	}
	if together.Targets != sum.Targets || math.Abs(together.Sum-sum.Sum) > 1e-3 {
		t.Errorf("together %+v, one by one %+v", together, sum)
	}
}

func TestInfiniteLoss(t *testing.T) {
	files := newFiles()
	o := options()
	o.Rate = 1e30
	_, err := train(t, files, o)
	if err == nil || !strings.Contains(err.Error(), "lower the learning rate") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestFinishedRunTakesNoStep(t *testing.T) {
	files := newFiles()
	want := mustTrain(t, files, options())
	changes := files.changes
	if got := mustTrain(t, files, options()); !same(got, want) || got.Resumed != want.Steps ||
		files.changes != changes {
		t.Errorf("resumed at %d of %d, %d changes", got.Resumed, want.Steps, files.changes-changes)
	}
}

func TestAverageIsTheMean(t *testing.T) {
	o := options()
	o.Average = 2
	files := newFiles()
	r := mustTrain(t, files, o)
	var at [2]biogpt.Params
	for i, p := range r.Curve[len(r.Curve)-2:] {
		file, done, err := weights.OpenFS(files, paramsFile(p.Step))
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		if at[i], err = biogpt.ReadParams(file, config().Trunk()); err != nil {
			t.Fatal(err)
		}
	}
	for name, values := range r.Params {
		for i, v := range values {
			if want := float32((float64(at[0][name][i]) + float64(at[1][name][i])) / 2); v != want {
				t.Fatalf("%s[%d]: %g, want %g", name, i, v, want)
			}
		}
	}
}

func TestPatience(t *testing.T) {
	o := options()
	o.Epochs, o.Patience, o.Rate = 50, 2, 0.3 // which does not learn
	r := mustTrain(t, newFiles(), o)
	best := slices.IndexFunc(r.Curve, func(p Point) bool { return p.Step == r.Best })
	if len(r.Curve)-1-best != 2 || r.Steps != r.Curve[len(r.Curve)-1].Step {
		t.Errorf("best %d of %d points, %d steps", best, len(r.Curve), r.Steps)
	}
}

func TestVaryFollowsSeedEpochAndExample(t *testing.T) {
	seen := func(o Options) (list []uint64) {
		o.Vary = func(e trunk.Example, random *rand.Rand) trunk.Example {
			list = append(list, random.Uint64())
			return e
		}
		mustTrain(t, newFiles(), o)
		return list
	}
	a, b := seen(options()), seen(options())
	if len(a) != 3*24 || !slices.Equal(a, b) {
		t.Errorf("%d draws, or others the second time", len(a))
	}
	slices.Sort(a)
	if len(slices.Compact(a)) != len(b) {
		t.Error("the same draw twice")
	}
	o := options()
	o.Seed++
	if slices.Equal(seen(o), b) {
		t.Error("another seed draws the same")
	}
}

func TestStateOfAnotherRun(t *testing.T) {
	if _, err := Run(t.Context(), fresh(t), counting(3, 1), nil, newFiles(), options()); err == nil ||
		!strings.Contains(err.Error(), "0 of the dev set") {
		t.Errorf("no dev set: %v", err)
	}
	files := newFiles()
	mustTrain(t, files, options())
	for name, change := range map[string]func(*Options){
		"rate": func(o *Options) { o.Rate = 1 }, "seed": func(o *Options) { o.Seed = 1 },
		"start": func(o *Options) { o.Start = "other" },
	} {
		o := options()
		change(&o)
		if _, err := train(t, files, o); !errors.Is(err, ErrOther) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := Run(t.Context(), fresh(t), counting(24, 3), counting(5, 2), files, options()); !errors.Is(
		err, ErrOther,
	) {
		t.Errorf("other data: %v", err)
	}
	files.MapFS[stateFile].Data = []byte("half a file")
	if _, err := train(t, files, options()); err == nil || !strings.Contains(err.Error(), "start again") {
		t.Errorf("a damaged state: %v", err)
	}
}
