package heads

import (
	"bytes"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

func TestCandidatesOfOneType(t *testing.T) {
	h := &RelationClassifier{Pairs: [][2]string{{"Gene", "Gene"}, {"Chemical", "Gene"}}}
	n := []names.Entity{{Type: "Gene"}, {Type: "Chemical"}, {Type: "Gene"}, {Type: "Disease"}}
	var got []Candidate
	for c := range h.Candidates(n) {
		got = append(got, c)
		if len(got) == 3 {
			break
		}
	}
	if diff := cmp.Diff([]Candidate{{0, 2}, {1, 0}, {1, 2}}, got); diff != "" {
		t.Error(diff)
	}
}

// Scale and shift move the odds of being related, and nothing else: hand-computed for odds of 3,
// halved and lowered by log 2 in logarithm.
func TestProbabilities(t *testing.T) {
	h := RelationClassifier{Temperature: 2, Scale: 0.5, Shift: float32(-math.Log(2))}
	got := []float32{0, float32(2 * math.Log(2)), 0} // 1/4, 1/2, 1/4
	h.Probabilities(got, h.Odds(got))
	related := math.Sqrt(3) / 2 / (1 + math.Sqrt(3)/2)
	want := []float32{float32(1 - related), float32(related * 2 / 3), float32(related / 3)}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// Whatever the scores, probabilities add up to one and keep the order of being related.
func TestProbabilitiesAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.SliceOfN(rapid.Float32Range(-90, 90), 3, 3)
		h := RelationClassifier{
			Temperature: 1, Scale: rapid.Float32Range(0, 3).Draw(t, "scale"),
			Shift: rapid.Float32Range(-3, 3).Draw(t, "shift"),
		}
		plain := RelationClassifier{Temperature: 1}
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		pa, pb := slices.Clone(a), slices.Clone(b)
		for _, p := range [][]float32{a, b} {
			h.Probabilities(p, h.Odds(p))
			if sum := p[0] + p[1] + p[2]; math.Abs(float64(sum-1)) > 1e-5 {
				t.Fatalf("%v add up to %v", p, sum)
			}
		}
		plain.Probabilities(pa, plain.Odds(pa))
		plain.Probabilities(pb, plain.Odds(pb))
		if pa[0] < pb[0]-1e-3 && a[0] > b[0]+1e-3 {
			t.Fatalf("%v and %v became %v and %v", pa, pb, a, b)
		}
	})
}

// relationOf returns a classifier of one type whose head has learned something.
func relationOf(t *testing.T, dim int) *RelationClassifier {
	t.Helper()
	l, err := NewLearner(2, dim*PairStates, Rates{Bits: 14, Feature: 0.3, Dense: 0.05}, 1)
	if err != nil {
		t.Fatal(err)
	}
	l.Update([]float32{0.5, -0.5}, make([]float32, dim*PairStates), []uint32{1 << 20, 1 << 30}, nil)
	return &RelationClassifier{
		Types: []string{"CID"}, Pairs: [][2]string{{"Chemical", "Disease"}}, Linear: l.Linear(0), Temperature: 1,
		Threshold: 0.5,
	}
}

func TestRelationTensors(t *testing.T) {
	want := map[string]*RelationClassifier{"a": relationOf(t, 4), "b": relationOf(t, 0)}
	want["b"].Scale, want["b"].Shift = 0.5, -1
	want["a"].Trees = &trees.Forest{
		Columns: features.PairColumns, Depth: 1, Feature: []int32{3}, Threshold: []float32{0}, Leaf: []float32{1, 2},
	}
	var tensors []weights.Tensor
	metadata := map[string]string{}
	for name, h := range want {
		some, meta, err := h.Tensors(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, some...)
		maps.Copy(metadata, meta)
	}
	var file bytes.Buffer
	if err := weights.Write(&file, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadRelations(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*RelationClassifier{want["a"], want["b"]}, got, cmp.AllowUnexported(Table{})); diff != "" {
		t.Error(diff)
	}
}

func TestRelationCheck(t *testing.T) {
	nan := float32(math.NaN())
	for name, spoil := range map[string]func(*RelationClassifier){
		"temperature": func(h *RelationClassifier) { h.Temperature = nan },
		"scale":       func(h *RelationClassifier) { h.Scale = nan },
		"threshold":   func(h *RelationClassifier) { h.Threshold = nan },
		"trees":       func(h *RelationClassifier) { h.Trees = &trees.Forest{Columns: 2, Depth: 1} },
		"never":       func(h *RelationClassifier) { h.Threshold = 1.5 },
	} {
		h := relationOf(t, 0)
		if err := h.Check(); err != nil {
			t.Fatal(err)
		}
		if spoil(h); h.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
