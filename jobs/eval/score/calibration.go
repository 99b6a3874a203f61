package score

import "math"

// Bins is into how many parts of equal width Calibration cuts scores from 0 to 1.
const Bins = 10

// Calibration says how often what has a score is right: bin i holds scores from i/10 up to, but not
// with, (i+1)/10.
type Calibration [Bins]Bin

// Bin is the findings whose scores lie in one part.
type Bin struct {
	Found, Right int
	Scores       float64 // sum
}

// Add counts one finding.
func (c *Calibration) Add(score float32, right bool) {
	if math.IsNaN(float64(score)) {
		return
	}
	b := &c[min(max(int(score*Bins), 0), Bins-1)]
	b.Found++
	b.Scores += float64(score)
	if right {
		b.Right++
	}
}

// Merge adds the counts of o.
func (c *Calibration) Merge(o Calibration) {
	for i, b := range o {
		c[i].Found, c[i].Right, c[i].Scores = c[i].Found+b.Found, c[i].Right+b.Right, c[i].Scores+b.Scores
	}
}

// Accuracy is the share that is right; 0 for an empty bin.
func (b Bin) Accuracy() float64 { return share(b.Right, b.Found) }

// Mean is the mean score; 0 for an empty bin.
func (b Bin) Mean() float64 { return b.Scores / float64(max(1, b.Found)) }

// Error is the expected calibration error (Guo et al., 2017): the mean distance of accuracy and
// mean score, weighted by findings.
func (c *Calibration) Error() float64 {
	found, sum := 0, 0.0
	for _, b := range c {
		found += b.Found
		sum += math.Abs(float64(b.Right) - b.Scores)
	}
	return sum / float64(max(1, found))
}
