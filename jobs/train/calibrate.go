package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/heads"
)

// prediction is the scores of a candidate by a head that was not trained on it, and its label.
type prediction struct {
	scores  []float32
	label   int     // for relations 0 means unrelated
	odds    float32 // of being related, by trees
	stacked bool    // there are odds by trees
}

func (j prediction) probabilities(h *heads.RelationClassifier) []float32 {
	p, odds := slices.Clone(j.scores), j.odds
	if !j.stacked {
		odds = h.Odds(p)
	}
	h.Probabilities(p, odds)
	return p
}

// fitTemperature returns the temperature with the least cross-entropy, to a few percent (Guo et
// al., 2017, "On Calibration of Modern Neural Networks").
func fitTemperature(predicted []prediction) float32 {
	loss := func(t float32) float64 {
		sum := 0.0
		for _, j := range predicted {
			sum -= math.Log(max(float64(j.probabilities(&heads.RelationClassifier{Temperature: t})[j.label]), 1e-9))
		}
		return sum
	}
	best := float32(1)
	least := loss(best)
	for t := float32(0.25); t < 8; t *= 1.1 {
		if l := loss(t); l < least {
			best, least = t, l
		}
	}
	return best
}

// minPlausible is the minimum probability of being related of the candidates that scale and shift
// are fitted to. Most candidates are far below it, and nobody uses their probability.
const minPlausible = 0.2

// fitScale returns the factor and the offset of the log-odds of being related with the least
// cross-entropy on the plausible candidates (Platt, 1999, "Probabilistic Outputs for Support Vector
// Machines"), by Newton's method. It returns 0 and 0, which change nothing, for few candidates or a
// negative factor.
func fitScale(predicted []prediction, temperature float32) (scale, shift float32) {
	const few = 100
	type point struct{ odds, related float64 }
	var points []point
	var counts [2]int
	for _, j := range predicted {
		p := j.probabilities(&heads.RelationClassifier{Temperature: temperature})
		if related := 1 - float64(p[0]); related >= minPlausible && p[0] > 0 {
			y := min(j.label, 1)
			counts[y]++
			points = append(points, point{math.Log(related / float64(p[0])), float64(y)})
		}
	}
	if min(counts[0], counts[1]) < few {
		return 0, 0
	}
	a, b := 1.0, 0.0
	for range 25 {
		ga, gb, aa, ab, bb := 0.0, 0.0, 1e-6, 0.0, 1e-6
		for _, p := range points {
			q := 1 / (1 + math.Exp(-(a*p.odds + b)))
			ga += (q - p.related) * p.odds
			gb += q - p.related
			w := q * (1 - q)
			aa += w * p.odds * p.odds
			ab += w * p.odds
			bb += w
		}
		det := aa*bb - ab*ab
		a -= (bb*ga - ab*gb) / det
		b -= (aa*gb - ab*ga) / det
	}
	if !(a > 0) || math.IsInf(a, 0) || math.IsNaN(b) {
		return 0, 0
	}
	return float32(a), float32(b)
}

// fitThreshold returns the threshold with the best F1, where a candidate gets its most likely type,
// and the counts at that threshold.
func fitThreshold(predicted []prediction, h *heads.RelationClassifier) (float32, score.Count) {
	type point struct {
		probability float32
		correct     bool
	}
	points := make([]point, len(predicted))
	c := score.Count{}
	for i, j := range predicted {
		typ, value := h.Choose(j.probabilities(h))
		points[i] = point{value, j.label == typ+1}
		if j.label > 0 {
			c.FN++
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(b.probability, a.probability) })
	best, threshold := c, float32(0.5)
	for i, p := range points {
		if p.correct {
			c.TP++
			c.FN--
		} else {
			c.FP++
		}
		next := float32(0)
		if i+1 < len(points) {
			next = points[i+1].probability
		}
		if next < p.probability && c.F1() > best.F1() {
			best, threshold = c, (p.probability+next)/2
		}
	}
	return threshold, best
}
