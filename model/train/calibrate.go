package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/pubmine/pubmine/model/train/score"
	"github.com/pubmine/pubmine/stages/relation"
)

// judgement is what a head says of a candidate that it was not trained on, and the truth.
type judgement struct {
	scores []float32
	label  int // 0: not related
}

func (j judgement) probabilities(temperature float32) []float32 {
	p := slices.Clone(j.scores)
	for i := range p {
		p[i] /= temperature
	}
	relation.Softmax(p)
	return p
}

// fitTemperature returns what scores are to be divided by so that probabilities mean what they say: the temperature of the
// least cross-entropy (Guo et al., 2017, "On Calibration of Modern Neural Networks"), to a few percent.
func fitTemperature(judged []judgement) float32 {
	loss := func(t float32) float64 {
		sum := 0.0
		for _, j := range judged {
			sum -= math.Log(max(float64(j.probabilities(t)[j.label]), 1e-9))
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

// fitThreshold returns the probability of being related from which on finding a pair, with its likeliest type, gives the best F1,
// and what is then counted.
func fitThreshold(judged []judgement, temperature float32) (float32, score.Count) {
	type point struct {
		probability float32
		right       bool
	}
	points := make([]point, len(judged))
	c := score.Count{}
	for i, j := range judged {
		p := j.probabilities(temperature)
		best := 1 + slices.Index(p[1:], slices.Max(p[1:]))
		points[i] = point{1 - p[0], j.label == best}
		if j.label > 0 {
			c.Missed++
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(b.probability, a.probability) })
	best, threshold := c, float32(0.5)
	for i, p := range points {
		if p.right {
			c.Right++
			c.Missed--
		} else {
			c.Wrong++
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
