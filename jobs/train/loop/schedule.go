package loop

import (
	"math"
	"time"
)

// Schedule is the decay of the learning rate after warm-up.
type Schedule string

// The schedules: half a cosine to a fiftieth of the peak, and fairseq's inverse_sqrt, with which
// BioGPT was trained.
const (
	Cosine      Schedule = "cosine"
	InverseSqrt Schedule = "inverse-sqrt"
)

// floor is the final share of the peak for Cosine.
const floor = 0.02

// rate returns the learning rate of a step, counted from 0, as a share of the peak.
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

// pace measures the recent duration of steps.
type pace struct {
	last   time.Time
	second float64 // of a step
	tokens float64 // of a step
	steps  int
}

// weight is the weight of the newest step in the mean.
const weight = 0.1

// start starts the clock.
func (p *pace) start() { p.last = time.Now() }

// add adds a step. The first, which compiles programs, does not count once there are others.
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
