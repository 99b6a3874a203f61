package train

import (
	"math/rand/v2"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
)

// Abstract is a structured abstract, whose conclusions are known, made ready for the model.
type Abstract struct {
	Text        *model.Text
	States      model.States
	Conclusions schemas.Span // in Text.Body
}

// Conclusive returns where the conclusions of a structured abstract stand in its text. It reports
// false when the abstract has none, or more than one part of them, or little else.
func ConclusionSpan(d *schemas.Document) (at schemas.Span, ok bool) {
	spans := d.SectionSpans()
	for i := range d.Sections {
		text := dataset.Conclusions(&schemas.Document{Sections: d.Sections[i : i+1]})
		if text == "" {
			continue
		}
		if ok || i < 2 || len(strings.Fields(text)) < 4 {
			return schemas.Span{}, false
		}
		at, ok = spans[i], true
	}
	return at, ok
}

// wanted reports whether sentence i belongs to the conclusions: its middle does.
func (a *Abstract) wanted(i int) bool {
	s := a.Text.Sentences[i]
	middle := (s.Start + s.End) / 2
	return a.Conclusions.Start <= middle && middle < a.Conclusions.End
}

// SummaryOptions say how the sentence head learns.
type SummaryOptions struct {
	Rates     heads.Rates
	Dropout   float32
	Threshold float32
	Epochs    int
	Seed      uint64
}

// Conclusions is what was found to work for the sentence head.
func Conclusions() SummaryOptions {
	return SummaryOptions{
		Rates:   heads.Rates{Bits: 18, Feature: 0.05, Dense: 0.01, L1: 1, L2: 1, DenseL2: 1e-4},
		Dropout: 0.3, Epochs: 4, Seed: 1,
	}
}

// Summaries trains the sentence head.
func Summaries(abstracts []Abstract, o SummaryOptions) (*heads.Linear, error) {
	dim := 0
	if len(abstracts) > 0 {
		dim = abstracts[0].States.Dim
	}
	l, err := heads.NewLearner(1, dim, o.Rates, o.Seed)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.Seed, 7))
	order := random.Perm(len(abstracts))
	var lexical []uint32
	var state []float32
	for range o.Epochs {
		for _, i := range order {
			a := &abstracts[i]
			seen := features.NewSentences(a.Text)
			first, end := seen.Abstract()
			for k := first; k < end; k++ {
				lexical = drop(random, seen.Append(lexical[:0], k), o.Dropout)
				if dim > 0 {
					state = summary.State(state, a.Text, a.States, k)
				}
				p := []float32{0, 0}
				l.Score(p[1:], state, lexical)
				relation.Softmax(p)
				if a.wanted(k) {
					p[1]--
				}
				l.Update(p[1:], state, lexical, nil)
			}
		}
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return l.Linear(o.Threshold), nil
}

// drop leaves out a share of the features, in place.
func drop(random *rand.Rand, f []uint32, share float32) []uint32 {
	kept := f[:0]
	for _, x := range f {
		if random.Float32() >= share {
			kept = append(kept, x)
		}
	}
	return kept
}

// Picker chooses a run of sentences of an abstract.
type Picker func(a *Abstract) (first, count int, err error)

// LastSentence is the picker to beat.
func LastSentence(a *Abstract) (int, int, error) { return len(a.Text.Sentences) - 1, 1, nil }

// Head picks as the summary stage does, with at most most sentences.
func Head(head *heads.Linear, most int) Picker {
	return func(a *Abstract) (int, int, error) {
		stage, err := summary.New(head, most)
		if err != nil {
			return 0, 0, err
		}
		var found schemas.Annotations
		if err := stage.Annotate(a.Text, a.States, &found); err != nil || len(found.Summaries) == 0 {
			return 0, 0, err
		}
		picked := found.Summaries[0].Sentences
		return int(picked[0]), len(picked), nil
	}
}

// EvaluateSummaries compares what a picker takes with the authors' conclusions. A hit is a pick of
// which every sentence belongs to them.
func EvaluateSummaries(abstracts []Abstract, pick Picker) (score.Summaries, error) {
	var sum score.Summaries
	for i := range abstracts {
		a := &abstracts[i]
		first, count, err := pick(a)
		if err != nil {
			return sum, err
		}
		hit, text := count > 0, ""
		if count > 0 {
			text = a.Text.Body[a.Text.Sentences[first].Start:a.Text.Sentences[first+count-1].End]
		}
		for k := first; k < first+count; k++ {
			hit = hit && a.wanted(k)
		}
		sum.Add(text, a.Text.Body[a.Conclusions.Start:a.Conclusions.End], hit)
	}
	return sum, nil
}
