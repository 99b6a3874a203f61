package trunk

import (
	"strings"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
)

// decays reports whether weight decay applies to a parameter: to products, not to tables, norms and
// biases.
func decays(s biogpt.Spec) bool { return len(s.Shape) == 2 && !strings.Contains(s.Name, ".embed_") }

// update builds one step of AdamW. It returns the new state and the global norm of the gradients
// before clipping.
func (t *Trainer) update(state []*Node, rates *Node, gradients []*Node) (out []*Node, norm *Node) {
	n := len(t.specs)
	params, first, second := state[:n], state[n:2*n], state[2*n:]
	sum := ScalarZero(rates.Graph(), rates.DType())
	for _, g := range gradients {
		sum = Add(sum, ReduceAllSum(Square(g)))
	}
	norm = Sqrt(sum)
	clip := ScalarOne(rates.Graph(), rates.DType())
	if t.opts.ClipNorm > 0 {
		clip = Min(clip, Div(MulScalar(clip, t.opts.ClipNorm), AddScalar(norm, 1e-6)))
	}
	rate := func(i int) *Node { return Reshape(SliceAxis(rates, 0, AxisElem(i))) }
	learningRate, correct1, correct2 := rate(0), rate(1), rate(2)

	out = make([]*Node, 3*n)
	for i, s := range t.specs {
		g := Mul(gradients[i], clip)
		m := Add(MulScalar(first[i], t.opts.Beta1), MulScalar(g, 1-t.opts.Beta1))
		v := Add(MulScalar(second[i], t.opts.Beta2), MulScalar(Square(g), 1-t.opts.Beta2))
		step := Div(Mul(m, correct1), AddScalar(Sqrt(Mul(v, correct2)), t.opts.Epsilon))
		if t.opts.WeightDecay > 0 && decays(s) {
			step = Add(step, MulScalar(params[i], t.opts.WeightDecay))
		}
		lr := learningRate
		if s.Name == biogpt.TokenTable {
			lr = MulScalar(lr, t.opts.TokenLR)
		}
		out[i], out[n+i], out[2*n+i] = Sub(params[i], Mul(step, lr)), m, v
	}
	return out, norm
}
