package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/stages/relation"
)

// judgement is what a head says of a candidate that it was not trained on, and the truth.
type judgement struct {
	scores []float32
	label  int // of relations 0 is not related
}

func (j judgement) probabilities(h *relation.Head) []float32 {
	p := slices.Clone(j.scores)
	h.Probabilities(p)
	return p
}

// fitTemperature returns what scores are to be divided by so that probabilities mean what they say:
// the temperature of the least cross-entropy (Guo et al., 2017, "On Calibration of Modern Neural
// Networks"), to a few percent.
func fitTemperature(judged []judgement) float32 {
	loss := func(t float32) float64 {
		sum := 0.0
		for _, j := range judged {
			sum -= math.Log(max(float64(j.probabilities(&relation.Head{Temperature: t})[j.label]), 1e-9))
		}
		return sum
	}
	best, least := float32(1), math.Inf(1)
	for t := float32(0.25); t < 8; t *= 1.1 {
		if l := loss(t); l < least {
			best, least = t, l
		}
	}
	return best
}

// plausible is the probability of being related from which on pairs have a say in scale and shift:
// most pairs are far below it, and what is said of them is of no use to anybody.
const plausible = 0.2

// fitScale returns by what the log-odds of being related are to be multiplied, and what is to be
// added, for the least cross-entropy of the plausible pairs (Platt, 1999, "Probabilistic Outputs
// for Support Vector Machines"), by Newton's method; 0 and 0, which change nothing, where there are
// few of them, or where being likelier would mean being related less often.
func fitScale(judged []judgement, temperature float32) (scale, shift float32) {
	const few = 100
	type point struct{ odds, related float64 }
	var points []point
	var counts [2]int
	for _, j := range judged {
		p := j.probabilities(&relation.Head{Temperature: temperature})
		if related := 1 - float64(p[0]); related >= plausible && p[0] > 0 {
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

// fitThreshold returns the probability of being related from which on finding a pair, with its
// likeliest type, gives the best F1, and what is then counted.
func fitThreshold(judged []judgement, h *relation.Head) (float32, score.Count) {
	type point struct {
		probability float32
		right       bool
	}
	points := make([]point, len(judged))
	c := score.Count{}
	for i, j := range judged {
		p := j.probabilities(h)
		best := 1 + slices.Index(p[1:], slices.Max(p[1:]))
		points[i] = point{1 - p[0], j.label == best}
		if j.label > 0 {
			c.FN++
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(b.probability, a.probability) })
	best, threshold := c, float32(0.5)
	for i, p := range points {
		if p.right {
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
