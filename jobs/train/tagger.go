package train

import (
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model/heads"
)

// tagLearner trains a tag head: a linear scorer of words, and a CRF per type.
type tagLearner struct {
	types      []string
	base       *heads.Linear // fixed weights on features, where the head trains weights on states only; else nil
	head       *heads.Learner
	crf        *heads.CRF
	sums       *heads.CRF // sums of squared gradients of crf
	rate       float32    // of crf
	dropout    float32
	statesOnly bool // drop all features
	random     *rand.Rand

	offset   [heads.MaxLabels]float32
	work     heads.Chain
	grads    *heads.CRF
	features [][]uint32 // of the words of a sentence
	scores   []float32
	grad     []float32
	lexical  []uint32
}

func newTagLearner(o Tags, dim int, seed uint64) (*tagLearner, error) {
	return newTagLearnerOf(o, dim, o.rates(), seed)
}

func newTagLearnerOf(o Tags, dim int, rates heads.Rates, seed uint64) (*tagLearner, error) {
	types := o.Types
	head, err := heads.NewLearner(3*len(types), dim, rates, seed)
	if err != nil {
		return nil, err
	}
	return &tagLearner{
		types: types, head: head,
		crf: heads.NewCRF(len(types)), sums: heads.NewCRF(len(types)), grads: heads.NewCRF(len(types)),
		rate: o.CRFRate, dropout: o.Dropout, random: rand.New(rand.NewPCG(seed, 2)),
	}, nil
}

// step trains on one sentence and returns its loss. Row i of states is the state of word i of the
// document; without a trunk states is nil. The gradient of each state is added to its row of
// stateGrads.
func (l *tagLearner) step(d *document, s sentence, states, stateGrads [][]float32) float64 {
	n, labels := s.end-s.start, l.head.Labels
	l.scores, l.grad = resize(l.scores, n*labels), resize(l.grad, n*labels)
	for len(l.features) < n {
		l.features = append(l.features, nil)
	}
	for i := range n {
		l.features[i] = l.dropFeatures(d.features(l.features[i][:0], s.start+i))
		l.score(l.scores[i*labels:(i+1)*labels], row(states, s.start+i), &l.features[i])
	}
	clear(l.grad)
	clear(l.grads.Transitions)
	clear(l.grads.Start)
	loss := 0.0
	for k, weight := range d.weights {
		if weight == 0 {
			continue
		}
		loss += l.crf.Loss(&l.work, l.scores, k, d.gold[k][s.start:s.end], l.grad, l.grads)
		l.scaleGradient(d, s, k, weight)
	}
	for i := range n {
		l.head.Update(l.grad[i*labels:(i+1)*labels], row(states, s.start+i), l.features[i], row(stateGrads, s.start+i))
	}
	if l.base == nil {
		heads.AdaGrad(l.crf.Transitions, l.grads.Transitions, l.sums.Transitions, l.rate)
		heads.AdaGrad(l.crf.Start, l.grads.Start, l.sums.Start, l.rate)
	}
	return loss
}

// score sets dst to the scores of a word. A base scores the features, scaled up for those that were
// dropped, and features is emptied, so that the head does not train on them.
func (l *tagLearner) score(dst, state []float32, features *[]uint32) {
	if l.base == nil {
		l.head.Score(dst, state, *features)
		return
	}
	offset := l.offset[:len(dst)]
	l.base.Score(offset, nil, *features)
	*features = (*features)[:0]
	l.head.Score(dst, state, nil)
	for i, b := range l.base.Bias {
		dst[i] += b + (offset[i]-b)/(1-l.dropout)
	}
}

// scaleGradient scales the gradient of type k. It is zero for ignored words, and for words that are
// predicted with certainty: these are most words, and updating their weights by next to nothing
// would take most of the time.
func (l *tagLearner) scaleGradient(d *document, s sentence, k int, weight float32) {
	const certain = 0.002
	labels := l.head.Labels
	for i := range s.end - s.start {
		g := l.grad[i*labels+3*k : i*labels+3*k+3]
		if d.ignored[k] != nil && d.ignored[k][s.start+i] || max(g[0], g[1], g[2])-min(g[0], g[1], g[2]) < certain {
			clear(g)
		}
		for j := range g {
			g[j] *= weight
		}
	}
}

// dropFeatures drops a share of the features, so that the head does not rely on a few of them.
func (l *tagLearner) dropFeatures(f []uint32) []uint32 {
	if l.statesOnly {
		return f[:0]
	}
	if l.dropout == 0 {
		return f
	}
	kept := f[:0]
	for _, x := range f {
		if l.random.Float32() >= l.dropout {
			kept = append(kept, x)
		}
	}
	return kept
}

// tagger returns the head as trained so far. Its weights on features are scaled down, because all
// features count and not only those that dropout keeps.
func (l *tagLearner) tagger(threshold float32) *heads.Tagger {
	crf := heads.NewCRF(len(l.types))
	copy(crf.Transitions, l.crf.Transitions)
	copy(crf.Start, l.crf.Start)
	if l.base != nil {
		return &heads.Tagger{Types: l.types, Linear: l.withBase(), CRF: crf}
	}
	linear := l.head.Linear(threshold)
	linear.Table.Scale(1 - l.dropout)
	return &heads.Tagger{Types: l.types, Linear: linear, CRF: crf}
}

func row(rows [][]float32, i int) []float32 {
	if rows == nil {
		return nil
	}
	return rows[i]
}

func resize(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// withBase returns the base with the trained weights on states.
func (l *tagLearner) withBase() *heads.Linear {
	top := l.head.Linear(0)
	top.Bias, top.Table = slices.Clone(l.base.Bias), l.base.Table
	return top
}

// newStateLearner returns a learner of weights on states, for a tagger that reads features. Weights
// on features, bias and CRF stay those of the tagger.
func newStateLearner(base *heads.Tagger, dim int, o Tags, dropout float32, seed uint64) (*tagLearner, error) {
	o.Types, o.Bits, o.Dropout = base.Types, 6, dropout
	rates := o.rates()
	rates.NoBias = true
	l, err := newTagLearnerOf(o, dim, rates, seed)
	if err != nil {
		return nil, err
	}
	l.base = base.Linear
	copy(l.crf.Transitions, base.CRF.Transitions)
	copy(l.crf.Start, base.CRF.Start)
	return l, nil
}

// label sets the labels of d to the mentions that the head finds, with a weight by type, the
// outside scores lowered by bias. Words of mentions with a probability below minConfidence are
// ignored.
func (l *tagLearner) label(d *document, weights, bias []float32, minConfidence float32) {
	labels := l.head.Labels
	for k, weight := range weights {
		if d.weights[k] = weight; weight > 0 {
			d.gold[k], d.ignored[k] = make([]heads.Tag, len(d.text.Words)), make([]bool, len(d.text.Words))
		}
	}
	keep := 1 - l.dropout
	for _, s := range d.sentences {
		n := s.end - s.start
		l.scores = resize(l.scores, n*labels)
		for i := range n {
			l.lexical = d.features(l.lexical[:0], s.start+i)
			l.head.Score(l.scores[i*labels:(i+1)*labels], nil, l.lexical)
			for j, b := range l.head.Bias() {
				x := &l.scores[i*labels+j]
				*x = b + (*x-b)*keep
				if j%3 == 0 {
					*x -= bias[j/3]
				}
			}
		}
		for k, weight := range weights {
			if weight == 0 {
				continue
			}
			for _, f := range l.crf.Mentions(&l.work, l.scores, k) {
				for i := s.start + f.Start; i < s.start+f.End; i++ {
					d.gold[k][i] = heads.Inside
					d.ignored[k][i] = f.Score < minConfidence
				}
				d.gold[k][s.start+f.Start] = heads.Begin
			}
		}
	}
}

// warmStart sets the initial weights of the types that a tagger has. It may be nil.
func (l *tagLearner) warmStart(from *heads.Tagger) error {
	if from == nil {
		return nil
	}
	columns := make([]int, 3*len(l.types))
	for i, typ := range l.types {
		k := slices.Index(from.Types, typ)
		for j := range 3 {
			if columns[3*i+j] = -1; k >= 0 {
				columns[3*i+j] = 3*k + j
			}
		}
		if k >= 0 {
			copy(l.crf.Transitions[9*i:9*i+9], from.CRF.Transitions[9*k:9*k+9])
			copy(l.crf.Start[3*i:3*i+3], from.CRF.Start[3*k:3*k+3])
		}
	}
	return l.head.Start(from.Linear, columns, 1/(1-l.dropout))
}
