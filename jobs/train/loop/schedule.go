package loop

import (
	"math"
	"time"
)

// Schedule says how the learning rate falls after it has risen.
type Schedule string

// The schedules: half a cosine to a fiftieth, and the one that BioGPT was trained with (fairseq's
// inverse_sqrt: with the root of the steps).
const (
	Cosine      Schedule = "cosine"
	InverseSqrt Schedule = "inverse-sqrt"
)

// floor is what Cosine falls to.
const floor = 0.02

// rate returns the share of the highest rate for a step, counted from 0.
func (s Schedule) rate(step, steps int, warmup float64) float64 {
	rise := math.Round(warmup * float64(steps))
	at := float64(step)
	switch {
	case at < rise:
		return (at + 1) / rise
	case s == InverseSqrt:
		return math.Sqrt(max(1, rise) / (at + 1))
	}
	done := (at - rise) / max(1, float64(steps)-rise)
	return floor + (1-floor)*(1+math.Cos(math.Pi*min(1, done)))/2
}

// pace is how fast steps are taken of late.
type pace struct {
	last   time.Time
	second float64 // of a step
	tokens float64 // of a step
	steps  int
}

// weight is that of the newest step in the mean.
const weight = 0.1

// start begins to count time.
func (p *pace) start() { p.last = time.Now() }

// add counts a step. The first, in which programs are compiled, does not count once there are
// others.
func (p *pace) add(tokens int) {
	now := time.Now()
	took := now.Sub(p.last).Seconds()
	p.last = now
	if p.steps++; p.steps <= 2 {
		p.second, p.tokens = took, float64(tokens)
		return
	}
	p.second += weight * (took - p.second)
	p.tokens += weight * (float64(tokens) - p.tokens)
}

func (p *pace) perSecond() float64 { return p.tokens / max(p.second, 1e-9) }

func (p *pace) left(steps int) time.Duration {
	return time.Duration(float64(steps) * p.second * float64(time.Second))
}
