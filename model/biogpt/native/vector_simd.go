//go:build amd64 && goexperiment.simd

package native

import (
	"math"
	"simd/archsimd"
)

// fastVectors returns the fastest functions that this processor can run.
func fastVectors() vectors {
	if archsimd.X86.AVX2() && archsimd.X86.FMA() {
		return vectors{avx2Gelu, avx2Softmax, avx2Norm}
	}
	return portableVectors()
}

type vector = archsimd.Float32x8

func all(x float32) vector { return archsimd.BroadcastFloat32x8(x) }

func load(s []float32, at int) vector { return archsimd.LoadFloat32x8((*[8]float32)(s[at:])) }

func store(v vector, s []float32, at int) { v.Store((*[8]float32)(s[at:])) }

// sum adds the values of v, always in the same order.
func sum(v vector) float32 {
	half := v.GetLo().Add(v.GetHi())
	pairs := half.AddPairs(half)
	return pairs.GetElem(0) + pairs.GetElem(1)
}

// lowest is the least x whose exponential is a normal number.
const lowest = -87.33654

// exp returns the exponentials of values not above zero, to about 1e-7 of each; below lowest it returns zero. The polynomial is that of the
// Cephes library (expf.c).
func exp(x vector) vector {
	normal := x.GreaterEqual(all(lowest))
	x = x.Max(all(lowest))
	n := x.Mul(all(math.Log2E)).RoundToEven()
	// ln 2 in two parts, the first exact in few bits
	x = n.MulAdd(all(-0.693359375), x)
	x = n.MulAdd(all(2.12194440e-4), x)
	p := all(1.9875691500e-4)
	p = p.MulAdd(x, all(1.3981999507e-3))
	p = p.MulAdd(x, all(8.3334519073e-3))
	p = p.MulAdd(x, all(4.1665795894e-2))
	p = p.MulAdd(x, all(1.6666665459e-1))
	p = p.MulAdd(x, all(5.0000001201e-1))
	p = p.MulAdd(x.Mul(x), x.Add(all(1)))
	power := n.ConvertToInt32().Add(archsimd.BroadcastInt32x8(127)).ShiftAllLeft(23).AsFloat32x8()
	return p.Mul(power).Masked(normal)
}

// avx2Gelu computes x*P(X<=x) as max(x,0) - |x|/2*erfc(|x|/sqrt 2), erfc by the fit of Numerical Recipes (erfcc), whose relative error
// is below 1.2e-7 everywhere.
func avx2Gelu(x []float32) {
	for i := 0; i < len(x); i += 8 {
		v := load(x, i)
		size := v.Max(all(0).Sub(v))
		z := size.Mul(all(1 / math.Sqrt2))
		t := all(1).Div(z.MulAdd(all(0.5), all(1)))
		p := all(0.17087277)
		p = p.MulAdd(t, all(-0.82215223))
		p = p.MulAdd(t, all(1.48851587))
		p = p.MulAdd(t, all(-1.13520398))
		p = p.MulAdd(t, all(0.27886807))
		p = p.MulAdd(t, all(-0.18628806))
		p = p.MulAdd(t, all(0.09678418))
		p = p.MulAdd(t, all(0.37409196))
		p = p.MulAdd(t, all(1.00002368))
		p = p.MulAdd(t, all(-1.26551223))
		tail := exp(p.Sub(z.Mul(z))).Mul(t)
		store(v.Max(all(0)).Sub(size.Mul(all(0.5)).Mul(tail)), x, i)
	}
}

func avx2Softmax(scores []float32, seen int, scale float32) {
	for i := range scores[seen:] {
		scores[seen+i] = float32(math.Inf(-1))
	}
	best := load(scores, 0)
	for i := 8; i < len(scores); i += 8 {
		best = best.Max(load(scores, i))
	}
	var lane [8]float32
	best.Store(&lane)
	most := lane[0]
	for _, v := range lane {
		most = max(most, v)
	}
	var total vector
	for i := 0; i < len(scores); i += 8 {
		e := exp(load(scores, i).Sub(all(most)).Mul(all(scale)))
		store(e, scores, i)
		total = total.Add(e)
	}
	by := all(1 / sum(total))
	for i := 0; i < len(scores); i += 8 {
		store(load(scores, i).Mul(by), scores, i)
	}
}

func avx2Norm(out, x, weight, bias []float32) {
	whole := len(x) &^ 7
	var total vector
	for i := 0; i < whole; i += 8 {
		total = total.Add(load(x, i))
	}
	mean := sum(total)
	for _, v := range x[whole:] {
		mean += v
	}
	mean /= float32(len(x))
	var squares vector
	for i := 0; i < whole; i += 8 {
		d := load(x, i).Sub(all(mean))
		squares = d.MulAdd(d, squares)
	}
	variance := sum(squares)
	for _, v := range x[whole:] {
		variance += (v - mean) * (v - mean)
	}
	by := float32(1 / math.Sqrt(float64(variance)/float64(len(x))+normEpsilon))
	for i := 0; i < whole; i += 8 {
		scaled := load(x, i).Sub(all(mean)).Mul(all(by))
		store(scaled.MulAdd(load(weight, i), load(bias, i)), out, i)
	}
	for i := whole; i < len(x); i++ {
		out[i] = (x[i]-mean)*by*weight[i] + bias[i]
	}
}
