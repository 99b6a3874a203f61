package train

import (
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model/heads"
)

// tagLearner learns the tag head: a Learner whose scores a CRF reads.
type tagLearner struct {
	types   []string
	base    *heads.Linear // what the features say, when that is learned and the head learns to add to it; else nil
	head    *heads.Learner
	crf     *heads.CRF
	sums    *heads.CRF // squared gradients of crf
	rate    float32    // of crf
	dropout float32
	blind   bool // learn from states alone for now
	random  *rand.Rand

	offset   [heads.MaxLabels]float32
	work     heads.Chain
	own      *heads.CRF
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
		crf: heads.NewCRF(len(types)), sums: heads.NewCRF(len(types)), own: heads.NewCRF(len(types)),
		rate: o.ChainRate, dropout: o.Dropout, random: rand.New(rand.NewPCG(seed, 2)),
	}, nil
}

// learn takes one step on one sentence and returns its loss. Row i of states belongs to word i of
// the document, and is nil without a trunk; the gradient in a state is added to the row of
// stateGrads.
func (l *tagLearner) learn(d *document, s sentence, states, stateGrads [][]float32) float64 {
	n, labels := s.end-s.start, l.head.Labels
	l.scores, l.grad = resize(l.scores, n*labels), resize(l.grad, n*labels)
	for len(l.features) < n {
		l.features = append(l.features, nil)
	}
	for i := range n {
		l.features[i] = l.drop(d.features(l.features[i][:0], s.start+i))
		l.score(l.scores[i*labels:(i+1)*labels], row(states, s.start+i), &l.features[i])
	}
	clear(l.grad)
	clear(l.own.Transitions)
	clear(l.own.Start)
	loss := 0.0
	for k, weight := range d.weights {
		if weight == 0 {
			continue
		}
		loss += l.crf.Loss(&l.work, l.scores, k, d.gold[k][s.start:s.end], l.grad, l.own)
		l.weigh(d, s, k, weight)
	}
	for i := range n {
		l.head.Update(l.grad[i*labels:(i+1)*labels], row(states, s.start+i), l.features[i], row(stateGrads, s.start+i))
	}
	if l.base == nil {
		heads.AdaGrad(l.crf.Transitions, l.own.Transitions, l.sums.Transitions, l.rate)
		heads.AdaGrad(l.crf.Start, l.own.Start, l.sums.Start, l.rate)
	}
	return loss
}

// score fills dst with the scores of a word. With a base, the base reads the features, scaled up
// for those that were dropped, and none are left for the head.
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

// weigh scales the gradient of type k. Words that say nothing get none, and neither do those that
// are already certain: most words are, and moving their weights by next to nothing is most of the
// cost.
func (l *tagLearner) weigh(d *document, s sentence, k int, weight float32) {
	const certain = 0.002
	labels := l.head.Labels
	for i := range s.end - s.start {
		g := l.grad[i*labels+3*k : i*labels+3*k+3]
		if d.silent[k] != nil && d.silent[k][s.start+i] || max(g[0], g[1], g[2])-min(g[0], g[1], g[2]) < certain {
			clear(g)
		}
		for j := range g {
			g[j] *= weight
		}
	}
}

// drop leaves out a part of the features, so that no few of them carry a name alone.
func (l *tagLearner) drop(f []uint32) []uint32 {
	if l.blind {
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

// tagger returns the head as it stands. A word then shows all its features and not only those that
// dropout left, so each counts less.
func (l *tagLearner) tagger(threshold float32) *heads.Tagger {
	crf := heads.NewCRF(len(l.types))
	copy(crf.Transitions, l.crf.Transitions)
	copy(crf.Start, l.crf.Start)
	if l.base != nil {
		return &heads.Tagger{Types: l.types, Linear: l.onBase(), CRF: crf}
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

// onBase returns the base with what was learned on top of it.
func (l *tagLearner) onBase() *heads.Linear {
	top := l.head.Linear(0)
	top.Bias, top.Table = slices.Clone(l.base.Bias), l.base.Table
	return top
}

// addTo returns a learner that learns what states add to a tagger of features: the trunk's part of
// the head. What does not depend on the word, bias and scores between tags, stays as it is.
func addTo(base *heads.Tagger, dim int, o Tags, dropout float32, seed uint64) (*tagLearner, error) {
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

// suggest writes into d the tags that the learner finds, each type to count as weights says, the
// scores of words outside lowered by lean. Words of a mention that is less likely than sure stay
// silent.
func (l *tagLearner) suggest(d *document, weights, lean []float32, sure float32) {
	labels := l.head.Labels
	for k, weight := range weights {
		if d.weights[k] = weight; weight > 0 {
			d.gold[k], d.silent[k] = make([]heads.Tag, len(d.text.Words)), make([]bool, len(d.text.Words))
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
					*x -= lean[j/3]
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
					d.silent[k][i] = f.Score < sure
				}
				d.gold[k][s.start+f.Start] = heads.Begin
			}
		}
	}
}
