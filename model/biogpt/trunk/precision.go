package trunk

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
)

// rounded rounds the weights of products to the precision of the operands. Tables keep float32,
// because the gradients of frequent rows are sums, which would lose most of their terms in
// bfloat16.
func (t *Trainer) rounded(p biogpt.Nodes) biogpt.Nodes {
	for _, s := range t.specs {
		if decays(s) {
			p[s.Name] = t.product(p[s.Name])
		}
	}
	return p
}

// product rounds one operand of a product.
func (t *Trainer) product(x *graph.Node) *graph.Node {
	if t.opts.Precision == biogpt.BFloat16 {
		return graph.ConvertDType(x, dtypes.BFloat16)
	}
	return x
}
