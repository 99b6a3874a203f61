package heads

import (
	"math"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// The parts of a pair are what its names and each meeting of its mentions add to the log-odds.
func TestPairScorer(t *testing.T) {
	text := &model.Text{
		Body:      "quarx cured ataxia ataxia",
		Sections:  []schemas.Section{{Kind: schemas.KindTitle}},
		Sentences: []schemas.Sentence{{Span: schemas.Span{End: 25}}},
	}
	for _, start := range []int{0, 6, 12, 19} {
		end := start + strings.IndexByte(text.Body[start:]+" ", ' ')
		text.Words = append(text.Words, model.Word{Span: schemas.Span{Start: start, End: end}})
	}
	mention := func(word int) schemas.Mention { return schemas.Mention{Span: text.Words[word].Span} }
	entities := []names.Entity{
		{Type: "Chemical", Mentions: []schemas.Mention{mention(0)}},
		{Type: "Disease", Mentions: []schemas.Mention{mention(2), mention(3)}},
	}
	p := features.NewPairs(text, entities)
	c := Candidate{0, 1}
	score := func(l *Learner) features.ScoredPair {
		s := NewPairScorer(l, 2)
		return s.Parts(s.Score(make([]float32, 2), p, c, nil), p, c)
	}
	l, err := NewLearner(2, 0, Rates{Bits: 18, Feature: 0.3, Dense: 0.1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	near := func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-5 }
	if got := score(l); got.Odds != 0 || got.Names != 0 || len(got.Contexts) != 2 || got.Contexts[0] != 0 {
		t.Errorf("before training: %+v", got)
	}
	l.Update([]float32{1, -1}, nil, p.AppendNames(nil, 0, 1), nil)
	bias := l.Bias()[1] - l.Bias()[0]
	if got := score(l); !near(got.Odds, got.Names+bias) || got.Names <= 0 || got.Contexts[0] != 0 {
		t.Errorf("after training on the names: %+v", got)
	}
	before := score(l)
	l.Update([]float32{1, -1}, nil, p.AppendContext(nil, p.Meetings(0, 1)[0]), nil)
	if got := score(l); got.Names != before.Names || !(got.Contexts[0] > got.Contexts[1]) || got.Contexts[1] <= 0 {
		t.Errorf("after training on a context: %+v", got)
	}
}
