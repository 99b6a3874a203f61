package heads

import "github.com/pubmine/pubmine/model/features"

// scorer is a Linear or a Learner.
type scorer interface {
	Score(dst, state []float32, features []uint32)
}

// PairScorer scores pairs of entities, as a whole and by parts of their features. It is not safe
// for concurrent use.
type PairScorer struct {
	linear scorer
	none   []float32 // scores without features
	part   []float32 // buffers
	buffer []uint32
}

// NewPairScorer returns a scorer for a Linear or Learner of relations.
func NewPairScorer(linear scorer, labels int) *PairScorer {
	s := &PairScorer{linear: linear, none: make([]float32, labels), part: make([]float32, labels)}
	linear.Score(s.none, nil, nil)
	return s
}

// Score fills scores with those of a pair, and returns them.
func (s *PairScorer) Score(scores []float32, p *features.Pairs, c Candidate, state []float32) []float32 {
	s.buffer = p.Append(s.buffer[:0], c.Subject, c.Object)
	s.linear.Score(scores, state, s.buffer)
	return scores
}

// Parts returns what the names of a pair with the given scores, and the words around its mentions,
// add to the log-odds.
func (s *PairScorer) Parts(scores []float32, p *features.Pairs, c Candidate) features.ScoredPair {
	x := features.ScoredPair{Subject: c.Subject, Object: c.Object, Odds: logSumExp(scores[1:], 1) - scores[0]}
	s.buffer = p.AppendNames(s.buffer[:0], c.Subject, c.Object)
	x.Names = s.added()
	for _, m := range p.Meetings(c.Subject, c.Object) {
		x.Contexts = append(x.Contexts, s.Context(p, m))
	}
	return x
}

// Context returns what the words around two mentions in one sentence add to the log-odds.
func (s *PairScorer) Context(p *features.Pairs, m features.Meeting) float32 {
	s.buffer = p.AppendContext(s.buffer[:0], m)
	return s.added()
}

// added returns what the features in the buffer add to the log-odds of the type that they favour.
func (s *PairScorer) added() float32 {
	s.linear.Score(s.part, nil, s.buffer)
	best := s.part[1] - s.none[1]
	for i := 2; i < len(s.part); i++ {
		best = max(best, s.part[i]-s.none[i])
	}
	return best - (s.part[0] - s.none[0])
}
