package heads

import (
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model"
)

// Tag is the position of a word relative to the mentions of one type.
type Tag uint8

// The tags of one type, in the order of its labels in a head.
const (
	Outside Tag = iota
	Begin
	Inside // only after Begin or Inside
	tags   = 3
)

// impossible is the score of a tag that is not allowed in its place.
const impossible = -1e9

// CRF is a linear-chain conditional random field over three tags for each entity type (Lafferty et
// al., 2001, "Conditional Random Fields"). The chains are independent, so mentions of different
// types may overlap, and a data set that does not annotate a type does not train its chain. The
// scores of a sentence are one row of 3*Types values for each word, type t in columns 3t to 3t+2.
type CRF struct {
	Types       int
	Transitions []float32 // Types * 3 * 3: from a tag to the next
	Start       []float32 // Types * 3: the first tag of a sentence
}

// NewCRF returns a CRF whose scores are zero.
func NewCRF(types int) *CRF {
	return &CRF{Types: types, Transitions: make([]float32, types*tags*tags), Start: make([]float32, types*tags)}
}

// check returns an error if the sizes of a CRF are inconsistent.
func (c *CRF) check() error {
	if len(c.Transitions) != c.Types*tags*tags || len(c.Start) != c.Types*tags {
		return fmt.Errorf("%d transitions and %d start scores for %d types", len(c.Transitions), len(c.Start), c.Types)
	}
	return nil
}

// Found is a mention in a sentence, and the probability of exactly this mention.
type Found struct {
	model.WordRange // within the sentence
	Score           float32
}

// Chain is the work space for one type and one sentence. It may be reused.
type Chain struct {
	n               int
	emit            []float64 // n * tags
	trans           [tags][tags]float64
	start           [tags]float64
	forward, behind []float64 // n * tags: log sums up to, and after, a tag
	back            []Tag     // n * tags: best tag before
	best            []Tag
}

// load copies the scores of type t.
func (c *CRF) load(w *Chain, scores []float32, t int) {
	width := c.Types * tags
	w.n = len(scores) / width
	w.emit = grow(w.emit, w.n*tags)
	for i := range w.n {
		for k := range tags {
			w.emit[i*tags+k] = float64(scores[i*width+t*tags+k])
		}
	}
	for a := range tags {
		w.start[a] = float64(c.Start[t*tags+a])
		for b := range tags {
			w.trans[a][b] = float64(c.Transitions[(t*tags+a)*tags+b])
		}
	}
	w.start[Inside] = impossible
	w.trans[Outside][Inside] = impossible
}

// Mentions returns the mentions of type t in the best sequence of tags, in order.
func (c *CRF) Mentions(w *Chain, scores []float32, t int) []Found {
	c.load(w, scores, t)
	if w.n == 0 {
		return nil
	}
	w.viterbi()
	var found []Found
	for i := 0; i < w.n; i++ {
		if w.best[i] != Begin {
			continue
		}
		f := Found{WordRange: model.WordRange{Start: i, End: i + 1}}
		for f.End < w.n && w.best[f.End] == Inside {
			f.End++
		}
		found = append(found, f)
		i = f.End - 1
	}
	if len(found) == 0 {
		return nil
	}
	total := w.sums()
	for i, f := range found {
		found[i].Score = float32(math.Exp(min(0, w.mention(f)-total)))
	}
	return found
}

// Loss returns the negative log-likelihood of gold, the tags of type t. It writes the gradient in
// the scores into the columns of t in grad, and adds the gradient in the CRF's own scores to own.
func (c *CRF) Loss(w *Chain, scores []float32, t int, gold []Tag, grad []float32, own *CRF) float64 {
	c.load(w, scores, t)
	if w.n == 0 {
		return 0
	}
	total := w.sums()
	width := c.Types * tags
	gain := 0.0
	for i := range w.n {
		for k := range tags {
			p := math.Exp(w.forward[i*tags+k] + w.behind[i*tags+k] - total)
			if Tag(k) == gold[i] {
				p--
			}
			grad[i*width+t*tags+k] = float32(p)
			if i == 0 {
				own.Start[t*tags+k] += float32(p)
			}
		}
		gain += w.emit[i*tags+int(gold[i])]
		if i == 0 {
			gain += w.start[gold[0]]
			continue
		}
		gain += w.trans[gold[i-1]][gold[i]]
		for a := range tags {
			for b := range tags {
				p := math.Exp(w.forward[(i-1)*tags+a] + w.trans[a][b] + w.emit[i*tags+b] + w.behind[i*tags+b] - total)
				if Tag(a) == gold[i-1] && Tag(b) == gold[i] {
					p--
				}
				own.Transitions[(t*tags+a)*tags+b] += float32(p)
			}
		}
	}
	return total - gain
}

// viterbi fills best.
func (w *Chain) viterbi() {
	w.best, w.back = grow(w.best, w.n), grow(w.back, w.n*tags)
	var score [tags]float64
	for k := range tags {
		score[k] = w.start[k] + w.emit[k]
	}
	for i := 1; i < w.n; i++ {
		var next [tags]float64
		for k := range tags {
			from := 0
			for a := 1; a < tags; a++ {
				if score[a]+w.trans[a][k] > score[from]+w.trans[from][k] {
					from = a
				}
			}
			next[k] = score[from] + w.trans[from][k] + w.emit[i*tags+k]
			w.back[i*tags+k] = Tag(from)
		}
		score = next
	}
	last := 0
	for k := range tags {
		if score[k] > score[last] {
			last = k
		}
	}
	for i := w.n - 1; i >= 0; i-- {
		w.best[i] = Tag(last)
		last = int(w.back[i*tags+last])
	}
}

// sums fills forward and behind, and returns the log of the sum over all sequences of tags.
func (w *Chain) sums() float64 {
	w.forward, w.behind = grow(w.forward, w.n*tags), grow(w.behind, w.n*tags)
	for k := range tags {
		w.forward[k] = w.start[k] + w.emit[k]
		w.behind[(w.n-1)*tags+k] = 0
	}
	for i := 1; i < w.n; i++ {
		f := w.forward[(i-1)*tags : i*tags]
		for k := range tags {
			w.forward[i*tags+k] = w.emit[i*tags+k] + logSum(f[0]+w.trans[0][k], f[1]+w.trans[1][k], f[2]+w.trans[2][k])
		}
	}
	for i := w.n - 2; i >= 0; i-- {
		var x [tags]float64
		for k := range tags {
			x[k] = w.emit[(i+1)*tags+k] + w.behind[(i+1)*tags+k]
		}
		for k := range tags {
			w.behind[i*tags+k] = logSum(w.trans[k][0]+x[0], w.trans[k][1]+x[1], w.trans[k][2]+x[2])
		}
	}
	f := w.forward[(w.n-1)*tags:]
	return logSum(f[0], f[1], f[2])
}

// mention is the log of the sum over all sequences of tags with exactly this mention. It needs
// sums.
func (w *Chain) mention(f Found) float64 {
	sum := w.forward[f.Start*tags+int(Begin)]
	last := Begin
	for i := f.Start + 1; i < f.End; i++ {
		sum += w.trans[last][Inside] + w.emit[i*tags+int(Inside)]
		last = Inside
	}
	if f.End == w.n {
		return sum
	}
	after := func(k Tag) float64 {
		return w.trans[last][k] + w.emit[f.End*tags+int(k)] + w.behind[f.End*tags+int(k)]
	}
	return sum + logSum(after(Outside), after(Begin), impossible)
}

func logSum(a, b, c float64) float64 {
	m := max(a, b, c)
	return m + math.Log(math.Exp(a-m)+math.Exp(b-m)+math.Exp(c-m))
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
