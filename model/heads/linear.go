// Package heads has the task heads, which turn hidden states and lexical features into scores.
// Linear is the common part: a linear function of the trunk's hidden state plus the weights of
// lexical features. Tagger (with a CRF) finds mentions, RelationClassifier scores pairs of
// entities, AnswerClassifier answers questions, LabelClassifier labels documents, and the head of
// summaries is a Linear that scores sentences. Learner is a Linear in training. No tensor library
// is used: the work of a head is small and sparse.
//
// A head is stored as tensors of a safetensors file whose names begin with its prefix (NERPrefix,
// …), for L labels and states of D values:
//
//	bias   F32 [L]
//	dense  F32 [L, D]     absent when D is 0
//	kept   I64 [2^b/64]   bitmap of the buckets with weights; a feature's bucket is its top b bits
//	rows   I8  [K, L]     weights of the K kept buckets, in order of bucket
//	scale  F32 [L]        factor of the weights in rows
//
// and, for the tags of entities, T types of three labels each:
//
//	transitions  F32 [T, 3, 3]  score of going from one tag to the next
//	start        F32 [T, 3]     score of the first tag
//	repeat       F32 [T]        see Tagger.Repeat; absent for none
//
// The design follows reference training.md, section 1 (hashed features and one chain per type).
package heads

import "fmt"

// MaxLabels is the largest number of labels of a head.
const MaxLabels = 64

// Linear scores labels: bias + dense·state + the sum of the weights of the features. It does not
// change after it is made, and is safe for concurrent use.
type Linear struct {
	Labels int       // number of scores
	Dim    int       // width of the trunk's states; 0 for a head that reads features only
	Bias   []float32 // Labels
	Dense  []float32 // Labels * Dim, a row per label
	Table  *Table    // weights of features; nil for a head that reads states only
}

// Score fills dst, of Labels values. The length of the state must be Dim; a nil state means zeros.
func (l *Linear) Score(dst, state []float32, features []uint32) {
	copy(dst, l.Bias)
	addDense(dst[:l.Labels], l.Dense, state)
	if l.Table != nil {
		l.Table.add(dst, features)
	}
}

// check returns an error if the sizes of a head are inconsistent.
func (l *Linear) check() error {
	if l.Labels < 1 || l.Labels > MaxLabels {
		return fmt.Errorf("%d labels; a head has 1 to %d", l.Labels, MaxLabels)
	}
	if len(l.Dense) != l.Labels*l.Dim {
		return fmt.Errorf("%d dense weights for %d labels of %d values", len(l.Dense), l.Labels, l.Dim)
	}
	if l.Table != nil && l.Table.labels != l.Labels {
		return fmt.Errorf("feature weights of %d labels in a head of %d", l.Table.labels, l.Labels)
	}
	return nil
}

// addDense adds weights·state to dst; weights holds a row per value of dst.
func addDense(dst, weights, state []float32) {
	if len(state) == 0 {
		return
	}
	for i := range dst {
		row := weights[i*len(state) : (i+1)*len(state)]
		var sum float32
		for j, x := range state {
			sum += row[j] * x
		}
		dst[i] += sum
	}
}
