package decoding

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestExpAndLogSumExp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float32Range(-79, 0).Draw(t, "x")
		if got, want := float64(exp(x)), math.Exp(float64(x)); math.Abs(got-want) > 1e-5*want {
			t.Fatalf("exp(%v) is %v, want %v", x, got, want)
		}
		values := rapid.SliceOfN(rapid.Float32Range(-60, 60), 1, 700).Draw(t, "values")
		var sum float64
		for _, v := range values {
			sum += math.Exp(float64(v))
		}
		if got, want := logSumExp(values), math.Log(sum); math.Abs(got-want) > 2e-6 {
			t.Fatalf("%v, want %v", got, want)
		}
	})
	if exp(-1000) != 0 || exp(float32(math.Inf(-1))) != 0 || exp(0) != 1 {
		t.Error("the ends of exp")
	}
}

// shares draws many times and returns how often each id came.
func shares(o Options, logits []float32) []float64 {
	const n = 20000
	rng := rand.New(rand.NewPCG(3, 3))
	counts := make([]float64, len(logits))
	for range n {
		counts[o.sample(logits, rng)] += 1.0 / n
	}
	return counts
}

func TestSampleShares(t *testing.T) {
	logits := []float32{0, 3, 1, 2, -50, 3} // e^x: 1, 20.1, 2.7, 7.4, 0, 20.1
	for _, c := range []struct {
		name    string
		options Options
		kept    []int
	}{
		{"plain", Options{Temperature: 1}, []int{0, 1, 2, 3, 5}},
		{"hot", Options{Temperature: 2}, []int{0, 1, 2, 3, 5}},
		{"cold", Options{Temperature: 0.05}, []int{1, 5}},
		{"greedy", Options{}, []int{1}},
		{"top 1", Options{Temperature: 1, TopK: 1}, []int{1}},
		{"top 3", Options{Temperature: 1, TopK: 3}, []int{1, 3, 5}},
		{"top 99", Options{Temperature: 1, TopK: 99}, []int{0, 1, 2, 3, 5}},
		{"share 0.78", Options{Temperature: 1, TopP: 0.78}, []int{1, 5}},    // 40.2 of 51.3 are 0.783
		{"share 0.79", Options{Temperature: 1, TopP: 0.79}, []int{1, 3, 5}}, // which is too little
		{"tiny share", Options{Temperature: 1, TopP: 1e-9}, []int{1}},       // one is always left
		{"both", Options{Temperature: 1, TopK: 3, TopP: 0.83}, []int{1, 5}}, // 40.2 of the 47.6 that are left are 0.845
		{"both, more", Options{Temperature: 1, TopK: 3, TopP: 0.9}, []int{1, 3, 5}},
	} {
		temperature := c.options.Temperature
		if temperature == 0 {
			temperature = 1
		}
		var total float64
		for _, id := range c.kept {
			total += math.Exp(float64(logits[id]) / temperature)
		}
		for id, got := range shares(c.options, logits) {
			want := 0.0
			if slices.Contains(c.kept, id) {
				want = math.Exp(float64(logits[id])/temperature) / total
			}
			if math.Abs(got-want) > 0.015 || want == 0 && got > 0 {
				t.Errorf("%s: id %d has a share of %.3f, want %.3f", c.name, id, got, want)
			}
		}
	}
}

// TestCutEqualsSorting compares cut with the plain way.
func TestCutEqualsSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 0.25, 0.5, 1, 2, 8}), 1, 30).Draw(t, "weights")
		o := Options{TopK: rapid.IntRange(0, 35).Draw(t, "k"), TopP: rapid.Float64Range(0, 1).Draw(t, "p")}
		var want []candidate
		for i, w := range weights {
			if w > 0 {
				want = append(want, candidate{int32(i), w})
			}
		}
		slices.SortStableFunc(want, before)
		if o.TopK > 0 {
			want = want[:min(len(want), o.TopK)]
		}
		sum := func(list []candidate) (total float64) {
			for _, c := range list {
				total += c.weight
			}
			return total
		}
		for n := 1; o.TopP > 0 && o.TopP < 1 && n < len(want); n++ {
			if sum(want[:n]) >= o.TopP*sum(want) {
				want = want[:n]
				break
			}
		}
		got, total := o.cut(weights, sumOf(weights))
		if !slices.Equal(got, want) || math.Abs(total-sum(want)) > 1e-9 {
			t.Fatalf("%v, %v; want %v", got, total, want)
		}
	})
}

func sumOf(weights []float64) (total float64) {
	for _, w := range weights {
		total += w
	}
	return total
}

func TestStopStrings(t *testing.T) {
	decode := func(ids []int32) string {
		text := ""
		for _, id := range ids {
			text += string(rune('a' + id))
		}
		return text
	}
	if StopStrings(decode, nil) != nil || StopStrings(decode, []string{""}) != nil {
		t.Error("no strings should never stop")
	}
	rapid.Check(t, func(t *rapid.T) {
		stops := rapid.SliceOfN(rapid.StringMatching("[a-c]{1,3}"), 1, 3).Draw(t, "stops")
		stop := StopStrings(decode, stops)
		var ids []int32
		for range 30 {
			ids = append(ids, rapid.Int32Range(0, 3).Draw(t, "id"))
			_, want := CutStop(decode(ids), stops)
			if stop(ids) != want {
				t.Fatalf("%q stops %v: %v", decode(ids), stops, !want)
			}
			if want {
				break
			}
		}
	})
	if text, found := CutStop("one two three", []string{"three", "wo", ""}); text != "one t" || !found {
		t.Errorf("%q %v", text, found)
	}
	if text, found := CutStop("one", []string{"two"}); text != "one" || found {
		t.Errorf("%q %v", text, found)
	}
}
