package heads

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
)

// randomChain draws a CRF of two types and the scores of a short sentence.
func randomChain(t *rapid.T) (*CRF, []float32) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	c := NewCRF(2)
	normal := func(x []float32) []float32 {
		for i := range x {
			x[i] = float32(random.NormFloat64() * 2)
		}
		return x
	}
	normal(c.Transitions)
	normal(c.Start)
	return c, normal(make([]float32, rapid.IntRange(1, 5).Draw(t, "words")*2*tags))
}

// sequences yields every sequence of tags that is possible, with its score in type t.
func sequences(c *CRF, scores []float32, t int, yield func(seq []Tag, score float64)) {
	n := len(scores) / (c.Types * tags)
	seq := make([]Tag, n)
	var walk func(i int, score float64)
	walk = func(i int, score float64) {
		if i == n {
			yield(seq, score)
			return
		}
		for k := range Tag(tags) {
			if k == Inside && (i == 0 || seq[i-1] == Outside) {
				continue
			}
			s := score + float64(scores[i*c.Types*tags+t*tags+int(k)])
			if i == 0 {
				s += float64(c.Start[t*tags+int(k)])
			} else {
				s += float64(c.Transitions[(t*tags+int(seq[i-1]))*tags+int(k)])
			}
			seq[i] = k
			walk(i+1, s)
		}
	}
	walk(0, 0)
}

func mentions(seq []Tag) []Found {
	var found []Found
	for i, k := range seq {
		switch k {
		case Begin:
			found = append(found, Found{WordRange: model.WordRange{Start: i, End: i + 1}})
		case Inside:
			found[len(found)-1].End++
		}
	}
	return found
}

func TestMentionsAgainstEverySequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, scores := randomChain(t)
		for typ := range c.Types {
			var best []Found
			top, total := math.Inf(-1), 0.0
			mass := map[Found]float64{}
			sequences(c, scores, typ, func(seq []Tag, score float64) {
				total += math.Exp(score)
				if score > top {
					top, best = score, mentions(seq)
				}
				for _, f := range mentions(seq) {
					mass[f] += math.Exp(score)
				}
			})
			got := c.Mentions(new(Chain), scores, typ)
			for i := range got {
				p := got[i].Score
				got[i].Score = 0
				if want := mass[got[i]] / total; math.Abs(float64(p)-want) > 1e-5 {
					t.Fatalf("type %d, mention %v: probability %v, want %v", typ, got[i], p, want)
				}
			}
			if diff := cmp.Diff(best, got); diff != "" {
				t.Fatalf("type %d (-every sequence +Mentions):\n%s", typ, diff)
			}
		}
	})
}

func TestLossAgainstEverySequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, scores := randomChain(t)
		gold := make([]Tag, len(scores)/(c.Types*tags))
		gold[0] = Begin
		total, gain := 0.0, 0.0
		sequences(c, scores, 1, func(seq []Tag, score float64) {
			total += math.Exp(score)
			if cmp.Equal(seq, gold) {
				gain = score
			}
		})
		got := c.Loss(new(Chain), scores, 1, gold, make([]float32, len(scores)), NewCRF(2))
		if want := math.Log(total) - gain; math.Abs(got-want) > 1e-4 {
			t.Fatalf("loss %v, want %v", got, want)
		}
	})
}

func TestLossGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, scores := randomChain(t)
		gold := make([]Tag, len(scores)/(c.Types*tags))
		for i := range gold {
			gold[i] = Tag(rapid.IntRange(0, 1).Draw(t, "tag"))
			if i > 0 && gold[i-1] != Outside && gold[i] == Outside {
				gold[i] = Inside
			}
		}
		loss := func() float64 {
			return c.Loss(new(Chain), scores, 0, gold, make([]float32, len(scores)), NewCRF(2))
		}
		grad, own := make([]float32, len(scores)), NewCRF(2)
		c.Loss(new(Chain), scores, 0, gold, grad, own)
		compare := func(what string, x, grad []float32) {
			const h = 1.0 / 64
			for i := range x {
				old := x[i]
				x[i] = old + h
				above := loss()
				x[i] = old - h
				below := loss()
				x[i] = old
				if want := (above - below) / (2 * h); math.Abs(float64(grad[i])-want) > 2e-3 {
					t.Fatalf("%s %d: gradient %v, finite difference %v", what, i, grad[i], want)
				}
			}
		}
		compare("score", scores, grad)
		compare("transition", c.Transitions, own.Transitions)
		compare("start", c.Start, own.Start)
	})
}

func TestEmptySentence(t *testing.T) {
	c := NewCRF(1)
	if got := c.Mentions(new(Chain), nil, 0); got != nil {
		t.Errorf("mentions %v in nothing", got)
	}
	if got := c.Loss(new(Chain), nil, 0, nil, nil, NewCRF(1)); got != 0 {
		t.Errorf("loss %v of nothing", got)
	}
}
