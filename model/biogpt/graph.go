package biogpt

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/nn"
)

const normEpsilon = 1e-5

// masked is added to the score of a key that must not be seen. It is so far below any score that
// the weight becomes zero, and finite, so that a row that may see nothing (padding) gets equal
// weights rather than NaN.
const masked = -1e9

// Nodes holds parameters within a graph by name.
type Nodes map[string]*Node

// A Batch is the input of a graph: B sequences, padded to L tokens.
type Batch struct {
	IDs       *Node // int32 [B, L]
	Positions *Node // int32 [B, L]: rows of the position table
	Mask      *Node // bool [B, L]: false at padding
}

// Options change a graph for training.
type Options struct {
	// Drop is applied to the embedded tokens and to the output of each half of a layer before it is
	// added to the input; nil does nothing.
	Drop func(x *Node) *Node
}

// States builds the trunk. It returns the last hidden states, [B*L, hidden], and the input of the
// first layer and the output of each layer.
func States(cfg Config, p Nodes, in Batch, opts Options) (last *Node, hidden []*Node) {
	drop := opts.Drop
	if drop == nil {
		drop = keep
	}
	x := drop(embed(cfg, p, in.IDs, in.Positions))
	bias := attentionBias(cfg, in.Mask)
	return layers(
		cfg, p, x, drop, func(i int, h *Node) *Node { return attention(cfg, p, layer(i, "self_attn."), h, bias) },
	)
}

func keep(x *Node) *Node { return x }

// embed looks up tokens and positions, of any equal shapes: [rows, hidden].
func embed(cfg Config, p Nodes, ids, positions *Node) *Node {
	rows := ids.Shape().Size()
	x := single(Gather(p[TokenTable], Reshape(ids, rows, 1)))
	if cfg.ScaleEmbed {
		x = MulScalar(x, math.Sqrt(float64(cfg.Hidden)))
	}
	return Add(x, single(Gather(p[PositionTable], Reshape(positions, rows, 1))))
}

// layers builds everything after the embedding x, [rows, hidden]; attend mixes the rows within
// layer i. It returns the results of States.
func layers(
	cfg Config, p Nodes, x *Node, drop func(x *Node) *Node, attend func(i int, x *Node) *Node,
) (last *Node, hidden []*Node) {
	hidden = append(hidden, x)
	for i := range cfg.Layers {
		x = block(p, i, x, drop, attend)
		hidden = append(hidden, x)
	}
	return norm(p, finalNorm, x), hidden
}

// block builds layer i.
func block(p Nodes, i int, x *Node, drop func(x *Node) *Node, attend func(i int, x *Node) *Node) *Node {
	h := norm(p, layer(i, "self_attn_layer_norm"), x)
	x = Add(x, drop(attend(i, h)))
	h = norm(p, layer(i, "final_layer_norm"), x)
	h = activation.Gelu(affine(p, layer(i, "fc1"), h))
	return Add(x, drop(affine(p, layer(i, "fc2"), h)))
}

// Logits builds the language model's head on states of shape [N, hidden]: [N, vocabulary].
func Logits(p Nodes, states *Node) *Node {
	return dense(states, p[TokenTable], nil)
}

// attentionBias returns the bias of the scores: [B, 1, 1, L] or, for causal attention, [B, 1, L,
// L].
func attentionBias(cfg Config, mask *Node) *Node {
	g, batch, length := mask.Graph(), mask.Shape().Dim(0), mask.Shape().Dim(1)
	seen := Reshape(mask, batch, 1, 1, length)
	if cfg.causal() {
		square := shapes.Make(dtypes.Int32, 1, 1, length, length)
		below := GreaterOrEqual(Iota(g, square, 2), Iota(g, square, 3))
		seen = LogicalAnd(
			BroadcastToDims(below, batch, 1, length, length), BroadcastToDims(seen, batch, 1, length, length),
		)
	}
	zero := ScalarZero(g, dtypes.Float32)
	return Where(seen, zero, Scalar(g, dtypes.Float32, masked))
}

// attend builds the attention of one layer from its own mask, for sequences that are padded on the
// right. With fuse, and a kernel in the backend, the scores are never written to memory: cuDNN has
// one for operands in half precision. XLA for the CPU has none, and GoMLX has switched its own off,
// which is slower than the composition of products.
func attend(cfg Config, p Nodes, name string, x, mask *Node, fuse bool) *Node {
	composed := func() *Node { return attention(cfg, p, name, x, attentionBias(cfg, mask)) }
	if !fuse || !p[name+"q_proj.weight"].DType().IsHalfPrecision() {
		return composed()
	}
	mixed, _ := InternalFusedOpCaller(func() *Node { return fusedAttention(cfg, p, name, x, mask) }, composed, false)
	return mixed
}

// fusedAttention builds attend with the backend's kernel, and panics if it has none.
func fusedAttention(cfg Config, p Nodes, name string, x, mask *Node) *Node {
	batch, length := mask.Shape().Dim(0), mask.Shape().Dim(1)
	heads := func(part string) *Node {
		rows := ConvertDType(affine(p, name+part, x), p[name+"q_proj.weight"].DType())
		return Reshape(rows, batch, length, cfg.Heads, cfg.Hidden/cfg.Heads)
	}
	lengths := InternalBackendOutputs(ReduceSum(ConvertDType(mask, dtypes.Int32), 1))[0]
	mixed, _ := BackendFusedScaledDotProductAttention(
		heads("q_proj"), heads("k_proj"), heads("v_proj"), compute.AttentionAxesLayoutBSHD,
		&compute.ScaledDotProductAttentionConfig{Causal: cfg.causal(), QuerySeqLen: lengths, KeyValueSeqLen: lengths},
	)
	return affine(p, name+"out_proj", single(Reshape(mixed, batch*length, cfg.Hidden)))
}

// attention builds the attention of one layer from products. Operands are laid out as [B, heads,
// rows, columns] with the contracted axis last on the left and first on the right: the layout that
// the GoMLX backend multiplies fastest. XLA folds the transposes into the products.
func attention(cfg Config, p Nodes, name string, x, bias *Node) *Node {
	batch, length := bias.Shape().Dim(0), bias.Shape().Dim(3)
	width := cfg.Hidden / cfg.Heads
	heads := func(part string, axes ...int) *Node {
		return TransposeAllAxes(Reshape(affine(p, name+part, x), batch, length, cfg.Heads, width), axes...)
	}
	rounded := func(x *Node) *Node { return ConvertDType(x, p[name+"q_proj.weight"].DType()) }
	query := MulScalar(heads("q_proj", 0, 2, 1, 3), 1/math.Sqrt(float64(width)))
	scores := product(rounded(query), rounded(heads("k_proj", 0, 2, 3, 1)))
	mixed := product(rounded(Softmax(Add(scores, bias), -1)), rounded(heads("v_proj", 0, 2, 1, 3)))
	return affine(p, name+"out_proj", Reshape(TransposeAllAxes(mixed, 0, 2, 1, 3), batch*length, cfg.Hidden))
}

// product multiplies [B, H, N, K] by [B, H, K, M].
func product(a, b *Node) *Node {
	return dot(a, []int{3}, []int{0, 1}, b, []int{2}, []int{0, 1})
}

func affine(p Nodes, name string, x *Node) *Node { return dense(x, p[name+".weight"], p[name+".bias"]) }

// dense multiplies x by a weight of [out, in], x rounded to the type of the weight, and adds the
// bias if it is not nil. Products of half-precision values are summed in float32, and the result is
// float32.
func dense(x, weight, bias *Node) *Node {
	if weight.DType() == dtypes.Float32 {
		return nn.Dense(x, weight, bias, compute.DenseLayoutOutputsInput)
	}
	y := dot(ConvertDType(x, weight.DType()), []int{1}, nil, weight, []int{1}, nil)
	if bias == nil {
		return y
	}
	return Add(y, ExpandAxes(bias, 0))
}

// goBackend is the name that the GoMLX backend reports.
const goBackend = "Go Backend"

// dot multiplies and sums in float32. GoMLX's own products of bfloat16 are wrong when it is built
// with GOEXPERIMENT=simd (compute v0.1.5: avx2 kernels), so the operands, already rounded, are
// converted to float32 first.
func dot(a *Node, contractedA, batchA []int, b *Node, contractedB, batchB []int) *Node {
	if a.Graph().Backend().Name() == goBackend {
		a, b = single(a), single(b)
	}
	return single(DotGeneral(a, contractedA, batchA, b, contractedB, batchB))
}

// single converts to float32, in which everything except products is computed.
func single(x *Node) *Node { return ConvertDType(x, dtypes.Float32) }

func norm(p Nodes, name string, x *Node) *Node {
	return nn.LayerNorm(x, []int{-1}, normEpsilon, p[name+".weight"], p[name+".bias"], nil)
}
