package cpu

import "math"

// vectors is a set of functions on rows of values.
type vectors struct {
	// gelu replaces every x by x*P(X<=x), X standard normal. The number of values is a multiple of
	// lanes.
	gelu func(x []float32)
	// softmax replaces the first seen scores by their weights, exp(scale*score) over the sum of
	// these, and the others by zero. The number of scores is a multiple of lanes.
	softmax func(scores []float32, seen int, scale float32)
	// norm writes (x-mean)/sqrt(variance+normEpsilon)*weight+bias to out.
	norm func(out, x, weight, bias []float32)
}

const normEpsilon = 1e-5

func portableVectors() vectors { return vectors{portableGelu, portableSoftmax, portableNorm} }

func portableGelu(x []float32) {
	for i, v := range x {
		x[i] = float32(0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2))
	}
}

func portableSoftmax(scores []float32, seen int, scale float32) {
	clear(scores[seen:])
	scores = scores[:seen]
	most := scores[0]
	for _, s := range scores {
		most = max(most, s)
	}
	var sum float64
	for i, s := range scores {
		e := math.Exp(float64(scale * (s - most)))
		scores[i] = float32(e)
		sum += e
	}
	for i := range scores {
		scores[i] *= float32(1 / sum)
	}
}

func portableNorm(out, x, weight, bias []float32) {
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	by := 1 / math.Sqrt(squares/float64(len(x))+normEpsilon)
	for i, v := range x {
		out[i] = float32((float64(v)-mean)*by)*weight[i] + bias[i]
	}
}
