package biogpt

import . "github.com/gomlx/gomlx/core/graph"

// TokenHead lists the parameters of Hugging Face's BioGptForTokenClassification beside the trunk.
func (c Config) TokenHead(labels int) []Spec {
	return []Spec{{"classifier.weight", []int{labels, c.Hidden}}, {"classifier.bias", []int{labels}}}
}

// SequenceHead lists the parameters of Hugging Face's BioGptForSequenceClassification beside the
// trunk.
func (c Config) SequenceHead(labels int) []Spec {
	return []Spec{{"score.weight", []int{labels, c.Hidden}}}
}

// TokenLogits scores the labels of every token: states [B*L, hidden] become [B*L, labels].
func TokenLogits(p Nodes, states *Node) *Node { return affine(p, "classifier", states) }

// SequenceLogits scores the labels of every sequence by the state of its last token that is not
// padding, on whichever side the padding is: [B, labels].
func SequenceLogits(p Nodes, in Batch, states *Node) *Node {
	size, length := in.IDs.Shape().Dim(0), in.IDs.Shape().Dim(1)
	at := IotaLike(in.IDs, 1)
	last := ReduceMax(Where(in.Mask, at, ZerosLike(at)), 1)
	row := Add(MulScalar(Iota(last.Graph(), last.Shape(), 0), length), last)
	return dense(Gather(states, Reshape(row, size, 1)), p["score.weight"], nil)
}
