package score

import "math"

// Bins is the number of bins of equal width between the scores 0 and 1.
const Bins = 10

// Calibration holds predictions by score: bin i has the scores in [i/10, (i+1)/10); the last one
// includes 1.
type Calibration [Bins]Bin

// Bin is the predictions with similar scores.
type Bin struct {
	Count, Correct int
	Scores         float64 // their sum
}

// Add counts one prediction. A score that is not a number is ignored.
func (c *Calibration) Add(score float32, correct bool) {
	if math.IsNaN(float64(score)) {
		return
	}
	b := &c[min(max(int(score*Bins), 0), Bins-1)]
	b.Count++
	b.Scores += float64(score)
	if correct {
		b.Correct++
	}
}

// Merge adds the counts of o.
func (c *Calibration) Merge(o Calibration) {
	for i, b := range o {
		c[i] = Bin{c[i].Count + b.Count, c[i].Correct + b.Correct, c[i].Scores + b.Scores}
	}
}

// Accuracy is the share of correct predictions; 0 for an empty bin.
func (b Bin) Accuracy() float64 { return share(b.Correct, b.Count) }

// Mean is the mean score; 0 for an empty bin.
func (b Bin) Mean() float64 { return b.Scores / float64(max(1, b.Count)) }

// Error is the expected calibration error (Guo et al., 2017): the mean distance between accuracy
// and mean score, weighted by the number of predictions.
func (c *Calibration) Error() float64 {
	count, sum := 0, 0.0
	for _, b := range c {
		count += b.Count
		sum += math.Abs(float64(b.Correct) - b.Scores)
	}
	return sum / float64(max(1, count))
}
