//go:build amd64 && goexperiment.simd

package cpu

import (
	"math"
	"simd/archsimd"
	"slices"
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

func load(s []float32) vector { return archsimd.LoadFloat32x8((*[8]float32)(s)) }

func store(v vector, s []float32) { v.Store((*[8]float32)(s)) }

// sum adds the values of v, always in the same order.
func sum(v vector) float32 {
	half := v.GetLo().Add(v.GetHi())
	pairs := half.AddPairs(half)
	return pairs.GetElem(0) + pairs.GetElem(1)
}

// lowest is the greatest x whose exponential is a normal number.
const lowest = -87.33654

// An exponential holds the constants of exp as vectors, which are made once for many values.
type exponential struct {
	lowest, log2e, high, low, one vector
	factors                       [6]vector
	bias                          archsimd.Int32x8
}

// newExponential returns the constants of the Cephes library (expf.c): ln 2 in two parts, the first
// exact in few bits, and a polynomial.
func newExponential() exponential {
	return exponential{
		all(lowest), all(math.Log2E), all(-0.693359375), all(2.12194440e-4), all(1),
		[6]vector{
			all(
				1.9875691500e-4,
			), all(1.3981999507e-3), all(8.3334519073e-3), all(4.1665795894e-2), all(1.6666665459e-1),
			all(5.0000001201e-1),
		},
		archsimd.BroadcastInt32x8(127),
	}
}

// exp returns the exponentials of values that are not above zero by more than a little, to about
// 1e-7 of each; below lowest it returns zero.
func (c *exponential) exp(x vector) vector {
	normal := x.GreaterEqual(c.lowest)
	x = x.Max(c.lowest)
	n := x.Mul(c.log2e).RoundToEven()
	x = n.MulAdd(c.low, n.MulAdd(c.high, x))
	p := c.factors[0].MulAdd(x, c.factors[1])
	p = p.MulAdd(x, c.factors[2])
	p = p.MulAdd(x, c.factors[3])
	p = p.MulAdd(x, c.factors[4])
	p = p.MulAdd(x, c.factors[5])
	p = p.MulAdd(x.Mul(x), x.Add(c.one))
	power := n.ConvertToInt32().Add(c.bias).ShiftAllLeft(23).AsFloat32x8()
	return p.Mul(power).Masked(normal)
}

// avx2Gelu computes x*P(X<=x) as max(x,0) - |x|/2*erfc(|x|/sqrt 2), erfc by the fit of Numerical
// Recipes (erfcc), whose relative error is below 1.2e-7 everywhere.
func avx2Gelu(x []float32) {
	c := newExponential()
	zero, half, root := all(0), all(0.5), all(1/math.Sqrt2)
	factors := [10]vector{
		all(0.17087277), all(-0.82215223), all(1.48851587), all(-1.13520398), all(0.27886807),
		all(-0.18628806), all(0.09678418), all(0.37409196), all(1.00002368), all(-1.26551223),
	}
	for ; len(x) >= 8; x = x[8:] {
		v := load(x)
		size := v.Max(zero.Sub(v))
		z := size.Mul(root)
		t := c.one.Div(z.MulAdd(half, c.one))
		p := factors[0].MulAdd(t, factors[1])
		p = p.MulAdd(t, factors[2])
		p = p.MulAdd(t, factors[3])
		p = p.MulAdd(t, factors[4])
		p = p.MulAdd(t, factors[5])
		p = p.MulAdd(t, factors[6])
		p = p.MulAdd(t, factors[7])
		p = p.MulAdd(t, factors[8])
		p = p.MulAdd(t, factors[9])
		tail := c.exp(p.Sub(z.Mul(z))).Mul(t)
		store(v.Max(zero).Sub(size.Mul(half).Mul(tail)), x)
	}
}

func avx2Softmax(scores []float32, seen int, scale float32) {
	for i := range scores[seen:] {
		scores[seen+i] = float32(math.Inf(-1))
	}
	best := load(scores)
	for s := scores; len(s) >= 8; s = s[8:] {
		best = best.Max(load(s))
	}
	var lane [8]float32
	best.Store(&lane)
	c, greatest, by, total := newExponential(), all(slices.Max(lane[:])), all(scale), all(0)
	for s := scores; len(s) >= 8; s = s[8:] {
		e := c.exp(load(s).Sub(greatest).Mul(by))
		store(e, s)
		total = total.Add(e)
	}
	by = all(1 / sum(total))
	for s := scores; len(s) >= 8; s = s[8:] {
		store(load(s).Mul(by), s)
	}
}

func avx2Norm(out, x, weight, bias []float32) {
	whole, n := len(x)&^7, float32(len(x))
	var total, squares vector
	for s := x[:whole]; len(s) >= 8; s = s[8:] {
		total = total.Add(load(s))
	}
	mean := sum(total)
	for _, v := range x[whole:] {
		mean += v
	}
	mean /= n
	middle := all(mean)
	for s := x[:whole]; len(s) >= 8; s = s[8:] {
		d := load(s).Sub(middle)
		squares = d.MulAdd(d, squares)
	}
	variance := sum(squares)
	for _, v := range x[whole:] {
		variance += (v - mean) * (v - mean)
	}
	by := float32(1 / math.Sqrt(float64(variance/n)+normEpsilon))
	factor := all(by)
	for len(x) >= 8 {
		store(load(x).Sub(middle).Mul(factor).MulAdd(load(weight), load(bias)), out)
		out, x, weight, bias = out[8:], x[8:], weight[8:], bias[8:]
	}
	for i, v := range x {
		out[i] = (v-mean)*by*weight[i] + bias[i]
	}
}
