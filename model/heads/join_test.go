package heads

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// randomTagger finds some types by random weights of every kind.
func randomTagger(t *testing.T, dim int, seed uint64, types ...string) *Tagger {
	t.Helper()
	l, err := NewLearner(3*len(types), dim, Rates{Bits: 8, Feature: 0.1, Dense: 0.1}, seed)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 9))
	grad := make([]float32, l.Labels)
	for range 200 {
		for i := range grad {
			grad[i] = float32(random.NormFloat64())
		}
		l.Update(grad, make([]float32, dim), []uint32{random.Uint32()}, nil)
	}
	crf := NewCRF(len(types))
	for i := range crf.Transitions {
		crf.Transitions[i] = float32(i) + float32(seed)
	}
	tagger, err := NewTagger(types, l.Linear(0.01), crf)
	if err != nil {
		t.Fatal(err)
	}
	return tagger
}

// Joining and selecting changes no score of any chain.
func TestJoinAndSelect(t *testing.T) {
	a, b := randomTagger(t, 4, 1, "A", "B"), randomTagger(t, 0, 2, "C")
	b.Repeat = []float32{2}
	joined, err := Join(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(joined.Repeat, []float32{0, 0, 2}) {
		t.Errorf("repeat %v", joined.Repeat)
	}
	if diff := cmp.Diff([]string{"A", "B", "C"}, joined.Types); diff != "" || joined.Linear.Dim != 4 {
		t.Fatal(diff)
	}
	state := []float32{1, -1, 2, 0.5}
	got, first, second := make([]float32, 9), make([]float32, 6), make([]float32, 3)
	for f := range uint32(256) {
		features := []uint32{f << 24, 77 << 24}
		joined.Linear.Score(got, state, features)
		a.Linear.Score(first, state, features)
		b.Linear.Score(second, nil, features)
		if want := slices.Concat(first, second); !slices.Equal(got, want) {
			t.Fatalf("feature %d: %v, want %v", f, got, want)
		}
	}
	alone, err := joined.Select("C", "A")
	if err != nil {
		t.Fatal(err)
	}
	alone.Linear.Score(got[:6], state, []uint32{5 << 24})
	a.Linear.Score(first, state, []uint32{5 << 24})
	b.Linear.Score(second, nil, []uint32{5 << 24})
	if !slices.Equal(got[:6], slices.Concat(second, first[:3])) ||
		!slices.Equal(alone.CRF.Transitions[9:], a.CRF.Transitions[:9]) {
		t.Errorf("%v, want %v and %v", got[:6], second, first[:3])
	}
	if again, err := a.Select("A", "B"); err != nil || !cmp.Equal(again, a, cmp.AllowUnexported(Table{})) {
		t.Errorf("all types selected, error %v: %s", err, cmp.Diff(again, a, cmp.AllowUnexported(Table{})))
	}
	tensors, metadata, err := joined.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	if read, err := ReadTagger(write(t, tensors, metadata)); err != nil ||
		!cmp.Equal(read, joined, cmp.AllowUnexported(Table{})) {
		t.Errorf("written and read, error %v", err)
	}
}

func TestJoinRefuses(t *testing.T) {
	a := randomTagger(t, 4, 1, "A")
	many := strings.Split(strings.Repeat("x", 21), "")
	for i := range many {
		many[i] += string(rune('a' + i))
	}
	for want, b := range map[string]*Tagger{
		"both heads find A": a, "states of 4 and of 2": randomTagger(t, 2, 1, "B"),
		"room for 21": randomTagger(t, 4, 1, many...),
	} {
		if _, err := Join(a, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := a.Select("B"); err == nil {
		t.Error("selects what is not there")
	}
}

// A learner that starts from a head has the scores of the head, and can be trained further.
func TestStart(t *testing.T) {
	from := randomTagger(t, 4, 1, "A", "B").Linear
	l, err := NewLearner(6, 4, Rates{Bits: 8, Feature: 0.1, Dense: 0.1, L1: 0.3, L2: 0.2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(from, []int{3, 4, 5, -1, -1, -1}, 2); err != nil {
		t.Fatal(err)
	}
	state, features := []float32{1, 2, 0, 1}, []uint32{3 << 24}
	got, want, plain := make([]float32, 6), make([]float32, 6), make([]float32, 6)
	l.Score(got, state, features)
	from.Score(want, state, features)
	from.Score(plain, state, nil)
	for i := range 3 {
		if w := plain[3+i] + 2*(want[3+i]-plain[3+i]); abs(got[i]-w) > 1e-5 {
			t.Errorf("label %d: %v, want %v", i, got[i], w)
		}
	}
	before := got[0]
	l.Update([]float32{1e-6, 0, 0, 0, 0, 0}, nil, features, nil)
	l.Score(got, state, features)
	if abs(got[0]-before) > 0.01 {
		t.Errorf("a gradient of next to nothing moved a score from %v to %v", before, got[0])
	}
	l.Update([]float32{1, 0, 0, 0, 0, 0}, nil, features, nil)
	if l.Score(got, state, features); got[0] >= before {
		t.Errorf("score %v did not fall", got[0])
	}
	if err := l.Start(randomTagger(t, 2, 1, "A").Linear, []int{0, 1, 2, -1, -1, -1}, 1); err == nil {
		t.Error("starts from a head on other states")
	}
}
