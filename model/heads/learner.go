package heads

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Rates are the settings of a Learner. Gradients are those of a loss to be minimised.
type Rates struct {
	Bits    int     // feature buckets: 2^Bits, 6 to 26
	Feature float32 // learning rate of feature weights
	Dense   float32 // learning rate of the weights on the trunk's states, and of the bias
	L1      float32 // feature weights whose summed gradient stays below it are zero
	L2      float32 // keeps feature weights small
	NoBias  bool    // keeps the bias at zero
	DenseL2 float32 // shrinks the weights on the states, per update, times the rate
}

// Learner is a Linear in training. Feature weights learn by FTRL-proximal (McMahan et al., 2013,
// "Ad Click Prediction: a View from the Trenches"), which leaves most of them exactly zero; weights
// on states and the bias by AdaGrad. It is not safe for concurrent use.
type Learner struct {
	Labels, Dim int
	rates       Rates

	bias, dense   []float32 // as in Linear
	biasN, denseN []float32 // sums of squared gradients

	weights []float32 // [bucket][label], what Score reads
	state   []ftrl    // [bucket][label]
}

// ftrl is the state of FTRL-proximal for a weight: its adjusted sum of gradients, and the root of
// the sum of their squares.
type ftrl struct{ z, root float32 }

// NewLearner returns a Learner whose feature weights are zero and whose weights on states are small
// random numbers from the seed.
func NewLearner(labels, dim int, rates Rates, seed uint64) (*Learner, error) {
	if labels < 1 || labels > MaxLabels {
		return nil, fmt.Errorf("%d labels; a head has 1 to %d", labels, MaxLabels)
	}
	if rates.Bits < 6 || rates.Bits > 26 {
		return nil, fmt.Errorf("2^%d feature buckets; 2^6 to 2^26 are possible", rates.Bits)
	}
	l := &Learner{
		Labels: labels, Dim: dim, rates: rates,
		bias: make([]float32, labels), biasN: make([]float32, labels),
		dense: make([]float32, labels*dim), denseN: make([]float32, labels*dim),
		weights: make([]float32, labels<<rates.Bits), state: make([]ftrl, labels<<rates.Bits),
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range l.dense {
		l.dense[i] = float32(random.NormFloat64() * 0.02)
	}
	return l, nil
}

// Start initialises label i with the weights of label columns[i] of an earlier head; -1 leaves it
// at zero. scale multiplies the weights of features, to compensate for feature dropout in training.
// The weights then change as if each had been learned from some gradients before.
func (l *Learner) Start(from *Linear, columns []int, scale float32) error {
	if from.Dim != 0 && l.Dim != 0 && from.Dim != l.Dim || from.Table != nil && from.Table.bits != l.rates.Bits {
		return fmt.Errorf(
			"start from a head of another form: states of %d values for %d, or other buckets than 2^%d", from.Dim,
			l.Dim, l.rates.Bits,
		)
	}
	const root = 1 // root of the sum of squared gradients before
	for i, c := range columns {
		if c < 0 {
			continue
		}
		l.bias[i], l.biasN[i] = from.Bias[c], root
		if from.Dim != 0 && l.Dim != 0 {
			copy(l.dense[i*l.Dim:(i+1)*l.Dim], from.Dense[c*l.Dim:(c+1)*l.Dim])
		}
		if from.Table == nil {
			continue
		}
		for b := range uint32(1) << l.rates.Bits {
			row := from.Table.bucket(b)
			if row == nil || row[c] == 0 {
				continue
			}
			w := float32(row[c]) * from.Table.scale[c] * scale
			at := int(b)*l.Labels + i
			l.weights[at], l.state[at] = w, l.rates.state(w, root)
		}
	}
	return nil
}

// state returns the state of a weight that a step with gradient zero does not change.
func (r *Rates) state(w, root float32) ftrl {
	z := -w * ((1+root)/r.Feature + r.L2)
	if w > 0 {
		z -= r.L1
	} else {
		z += r.L1
	}
	return ftrl{z, root}
}

// Score fills dst, of Labels values, as Linear.Score does.
func (l *Learner) Score(dst, state []float32, features []uint32) {
	copy(dst, l.bias)
	dst = dst[:l.Labels]
	addDense(dst, l.dense, state)
	for _, f := range features {
		at := l.at(f)
		for i, w := range l.weights[at : at+l.Labels] {
			dst[i] += w
		}
	}
}

// Update moves the weights against grad, the gradient of the loss in the scores that Score gave for
// the same state and features. Labels with gradient zero are skipped. When stateGrad is not nil,
// the gradient in the state is added to it.
func (l *Learner) Update(grad, state []float32, features []uint32, stateGrad []float32) {
	for i, g := range grad[:l.Labels] {
		if g == 0 {
			continue
		}
		if !l.rates.NoBias {
			l.bias[i] -= adagrad(&l.biasN[i], g, l.rates.Dense)
		}
		if len(state) == 0 {
			continue
		}
		row, sums := l.dense[i*l.Dim:(i+1)*l.Dim], l.denseN[i*l.Dim:(i+1)*l.Dim]
		for j, x := range state {
			if stateGrad != nil {
				stateGrad[j] += g * row[j]
			}
			row[j] -= adagrad(&sums[j], g*x+l.rates.DenseL2*row[j], l.rates.Dense)
		}
	}
	for _, f := range features {
		at := l.at(f)
		for i, g := range grad[:l.Labels] {
			if g != 0 {
				l.rates.step(&l.weights[at+i], &l.state[at+i], g)
			}
		}
	}
}

// Average sets the weights of a learner to the means of its weights and those of others of the same
// form. It must not be updated afterwards.
func (l *Learner) Average(others ...*Learner) {
	mean := func(of func(*Learner) []float32) {
		to := of(l)
		for _, o := range others {
			for i, w := range of(o) {
				to[i] += w
			}
		}
		for i := range to {
			to[i] /= float32(1 + len(others))
		}
	}
	mean(func(l *Learner) []float32 { return l.bias })
	mean(func(l *Learner) []float32 { return l.dense })
	mean(func(l *Learner) []float32 { return l.weights })
}

// Bias returns the scores without state and features, not to be changed.
func (l *Learner) Bias() []float32 { return l.bias }

// Linear returns the head with quantised feature weights. Buckets in which no weight reaches the
// threshold are dropped.
func (l *Learner) Linear(threshold float32) *Linear {
	return &Linear{
		Labels: l.Labels, Dim: l.Dim,
		Bias: append([]float32(nil), l.bias...), Dense: append([]float32(nil), l.dense...),
		Table: quantise(l.weights, l.Labels, l.rates.Bits, threshold),
	}
}

func (l *Learner) at(feature uint32) int { return int(feature>>(32-l.rates.Bits)) * l.Labels }

// step is FTRL-proximal for one weight.
func (r *Rates) step(w *float32, s *ftrl, g float32) {
	root := sqrt(s.root*s.root + g*g)
	s.z += g - (root-s.root)/r.Feature**w
	s.root = root
	if abs(s.z) <= r.L1 {
		*w = 0
		return
	}
	z := s.z - r.L1
	if s.z < 0 {
		z = s.z + r.L1
	}
	*w = -z / ((1+root)/r.Feature + r.L2)
}

// AdaGrad moves weights against grad, each by a rate that shrinks with the sums of its squared
// gradients, and adds grad to the sums (Duchi et al., 2011, "Adaptive Subgradient Methods").
func AdaGrad(weights, grad, sums []float32, rate float32) {
	for i, g := range grad {
		weights[i] -= adagrad(&sums[i], g, rate)
	}
}

// adagrad returns the step for gradient g and adds g to the sum.
func adagrad(sum *float32, g, rate float32) float32 {
	*sum += g * g
	return rate * g / (sqrt(*sum) + 1e-6)
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
