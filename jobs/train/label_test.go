package train

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// Of the thresholds that give the label to at most as many documents as have it, none has a better
// F1.
func TestBestThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []prediction
		for range rapid.IntRange(0, 8).Draw(t, "documents") {
			score := float32(rapid.IntRange(-3, 3).Draw(t, "score"))
			all = append(all, prediction{scores: []float32{score}, label: rapid.IntRange(0, 1).Draw(t, "label")})
		}
		f1 := func(threshold float64) float64 {
			tp, wrong, n, positive := 0, 0, 0, 0
			for _, p := range all {
				given := 1/(1+math.Exp(-float64(p.scores[0]))) >= threshold
				positive += p.label
				if given {
					n++
				}
				switch {
				case given && p.label == 1:
					tp++
				case given || p.label == 1:
					wrong++
				}
			}
			if tp == 0 || n > positive {
				return 0
			}
			return 2 * float64(tp) / float64(2*tp+wrong)
		}
		threshold, count := bestThreshold(all)
		for i := range 101 {
			if other := f1(float64(i) / 100); other > count.F1()+1e-9 {
				t.Fatalf("F1 %v at %v, and %v at %v", count.F1(), threshold, other, float64(i)/100)
			}
		}
		if got := f1(float64(threshold) - 1e-6); math.Abs(got-count.F1()) > 1e-9 {
			t.Fatalf("F1 %v at %v, counted %v", got, threshold, count)
		}
	})
}

// Documents without labels are not trained on; labels with few documents are left out.
func TestLabelNames(t *testing.T) {
	var all []dataset.Example
	for i := range 6 {
		e := dataset.Example{Labels: []string{"often"}}
		if i == 0 {
			e.Labels = []string{"once", "often"}
		}
		all = append(all, e, dataset.Example{}, dataset.Example{Labels: []string{}})
	}
	if got := labelled(all); len(got) != 12 {
		t.Errorf("%d labelled documents", len(got))
	}
	names, rare := labelNames(all)
	if len(names) != 1 || names[0] != "often" || len(rare) != 1 || rare[0] != "once" {
		t.Errorf("%v, %v", names, rare)
	}
}
