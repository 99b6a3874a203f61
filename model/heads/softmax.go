package heads

import (
	"math"
	"slices"
)

// Softmax turns scores into probabilities, in place.
func Softmax(x []float32) {
	largest := slices.Max(x)
	sum := float32(0)
	for i := range x {
		x[i] = float32(math.Exp(float64(x[i] - largest)))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}
