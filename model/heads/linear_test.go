package heads

import (
	"math"
	"math/rand/v2"
	"testing"
)

func rates() Rates { return Rates{Bits: 12, Feature: 0.5, Dense: 0.1, L1: 0.01, L2: 0.01} }

// train trains a head to predict one of three labels from features and states.
func train(t *testing.T, dim int) (*Learner, func(yield func(label int, state []float32, features []uint32))) {
	t.Helper()
	l, err := NewLearner(3, dim, rates(), 7)
	if err != nil {
		t.Fatal(err)
	}
	examples := func(yield func(int, []float32, []uint32)) {
		random := rand.New(rand.NewPCG(3, 3))
		for range 500 {
			label := random.IntN(3)
			state := make([]float32, dim)
			for i := range state {
				state[i] = float32(random.NormFloat64())
			}
			features := []uint32{uint32(label+1) << 22, uint32(random.IntN(50)+100) << 21}
			if dim > 0 { // say it in the state alone, every second time
				state[label] += 4
				if random.IntN(2) == 0 {
					features = features[1:]
				}
			}
			yield(label, state, features)
		}
	}
	for range 5 {
		examples(func(label int, state []float32, features []uint32) {
			p := make([]float32, 3)
			l.Score(p, state, features)
			softmax(p)
			p[label]--
			l.Update(p, state, features, nil)
		})
	}
	return l, examples
}

func softmax(x []float32) {
	sum := float32(0)
	for i := range x {
		x[i] = float32(math.Exp(float64(x[i])))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func TestLearnerLearns(t *testing.T) {
	for _, dim := range []int{0, 8} {
		l, examples := train(t, dim)
		head := l.Linear(0)
		wrong := 0
		examples(func(label int, state []float32, features []uint32) {
			dst := make([]float32, 3)
			head.Score(dst, state, features)
			for i := range dst {
				if i != label && dst[i] >= dst[label] {
					wrong++
					break
				}
			}
		})
		if wrong > 25 {
			t.Errorf("dim %d: %d of 500 wrong", dim, wrong)
		}
	}
}

// A quantised weight is off by at most half the scale of its label, so a score by at most that
// times the number of features.
func TestQuantisationError(t *testing.T) {
	l, examples := train(t, 8)
	head := l.Linear(0)
	examples(func(_ int, state []float32, features []uint32) {
		exact, quantised := make([]float32, 3), make([]float32, 3)
		l.Score(exact, state, features)
		head.Score(quantised, state, features)
		for i := range exact {
			bound := head.Table.scale[i]/2*float32(len(features)) + 1e-4
			if d := abs(exact[i] - quantised[i]); d > bound {
				t.Fatalf("label %d is off by %v, more than %v", i, d, bound)
			}
		}
	})
}

func TestAverage(t *testing.T) {
	a, _ := train(t, 8)
	b, _ := NewLearner(3, 8, rates(), 2)
	state := []float32{1, -1, 0.5, 0, 2, 1, 1, -2}
	x, y, got := make([]float32, 3), make([]float32, 3), make([]float32, 3)
	f := []uint32{1 << 22, 2 << 22}
	a.Score(x, state, f)
	b.Score(y, state, f)
	a.Average(b)
	a.Score(got, state, f)
	for i := range got {
		if abs(got[i]-(x[i]+y[i])/2) > 1e-5 {
			t.Fatalf("%v, want the mean of %v and %v", got, x, y)
		}
	}
	before := append([]float32(nil), got...)
	a.Average()
	a.Score(got, state, f)
	for i := range got {
		if abs(got[i]-before[i]) > 1e-6 {
			t.Fatalf("alone: %v became %v", before, got)
		}
	}
}

func TestThresholdDropsWeakBuckets(t *testing.T) {
	l, _ := train(t, 0)
	all, strong := l.Linear(0), l.Linear(0.5)
	if len(strong.Table.rows) >= len(all.Table.rows) || len(strong.Table.rows) == 0 {
		t.Errorf("%d weights kept of %d", len(strong.Table.rows), len(all.Table.rows))
	}
	for label := range 3 {
		if strong.Table.row(uint32(label+1)<<22) == nil {
			t.Errorf("the bucket that decides label %d was dropped", label)
		}
	}
	if all.Table.row(5<<22) != nil {
		t.Error("a bucket that was never seen has weights")
	}
}

// The gradient that Update gives for the state is the change of the scores with the state, weighted
// by grad.
func TestStateGradient(t *testing.T) {
	l, _ := train(t, 8)
	state := []float32{1, -1, 0.5, 0, 2, 1, 1, -2}
	grad := []float32{0.3, -0.2, 0}
	want := make([]float32, 8)
	for j := range want {
		for i, g := range grad {
			want[j] += g * l.dense[i*8+j]
		}
	}
	got := make([]float32, 8)
	l.Update(grad, state, []uint32{1}, got)
	for j := range want {
		if abs(got[j]-want[j]) > 1e-5 {
			t.Fatalf("gradient %v, want %v", got, want)
		}
	}
}

func TestScoreDoesNotAllocate(t *testing.T) {
	l, _ := train(t, 8)
	head := l.Linear(0)
	dst, state, features := make([]float32, 3), make([]float32, 8), []uint32{1 << 22, 7}
	if n := testing.AllocsPerRun(10, func() { head.Score(dst, state, features) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBadSizes(t *testing.T) {
	if _, err := NewLearner(MaxLabels+1, 0, rates(), 1); err == nil {
		t.Error("too many labels accepted")
	}
	if _, err := NewLearner(3, 0, Rates{Bits: 40}, 1); err == nil {
		t.Error("2^40 buckets accepted")
	}
	for name, kept := range map[string][]uint64{"none": nil, "three": {0, 0, 0}, "rows missing": {1}} {
		if _, err := newTable(kept, nil, []float32{1}); err == nil {
			t.Errorf("%s: a broken table accepted", name)
		}
	}
	if err := (&Linear{Labels: 2, Dim: 3}).check(); err == nil {
		t.Error("a head without its dense weights accepted")
	}
}
