package decoding

import "math"

// logSumExp returns log(sum(exp(x))). It is exact to about 1e-6, the precision of the float32
// terms.
func logSumExp(x []float32) float64 {
	top := x[argmax(x)]
	var total float64
	for len(x) > 0 {
		block := x[:min(len(x), 256)] // float32 sums of 256 terms are exact enough
		x = x[len(block):]
		var a, b float32
		for len(block) >= 2 {
			a += exp(block[0] - top)
			b += exp(block[1] - top)
			block = block[2:]
		}
		for _, v := range block {
			a += exp(v - top)
		}
		total += float64(a) + float64(b)
	}
	return float64(top) + math.Log(total)
}

// exp returns e^x for x <= 0 with a relative error of about 1e-6. It is several times as fast as
// math.Exp, which matters for the size of a vocabulary.
func exp(x float32) float32 {
	if !(x > -80) {
		return 0
	}
	t := x * math.Log2E
	n := int32(t - 0.5)
	f := t - float32(n) // in [-0.5, 0.5], for the series of 2^f
	p := 1 + f*(0.69314718+f*(0.24022651+f*(0.05550411+f*(0.00961813+f*(0.00133336+f*0.00015404)))))
	return math.Float32frombits(uint32(n+127)<<23) * p
}

// argmax returns the index of the largest value, the first of equals. NaNs are ignored.
func argmax(x []float32) int {
	best := 0
	top := float32(math.Inf(-1))
	for i, v := range x {
		if v > top {
			best, top = i, v
		}
	}
	return best
}
