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
	"github.com/pubmine/pubmine/stages/summary"
)

// Abstract is a structured abstract with a known conclusion, prepared for the model.
type Abstract struct {
	Text        *model.Text
	States      model.States
	Conclusions schemas.Span // in Text.Body
}

// ConclusionSpan returns the span of the conclusion of a structured abstract in the text of the
// document. It reports false if the abstract has no conclusion, more than one, or little else.
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

// wanted reports whether the middle of sentence i is in the conclusion.
func (a *Abstract) wanted(i int) bool {
	s := a.Text.Sentences[i]
	middle := (s.Start + s.End) / 2
	return a.Conclusions.Start <= middle && middle < a.Conclusions.End
}

// summaryOptions is how the summary head is trained.
type summaryOptions struct {
	Rates     heads.Rates
	Dropout   float32
	Threshold float32
	Epochs    int
	Seed      uint64
}

// conclusionOptions are options for structured abstracts.
func conclusionOptions() summaryOptions {
	return summaryOptions{
		Rates:   heads.Rates{Bits: 18, Feature: 0.05, Dense: 0.01, L1: 1, L2: 1, DenseL2: 1e-4},
		Dropout: 0.3, Epochs: 4, Seed: 1,
	}
}

// trainSummary trains the summary head, which scores sentences.
func trainSummary(abstracts []Abstract, o summaryOptions) (*heads.Linear, error) {
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
				lexical = dropout(random, seen.Append(lexical[:0], k), o.Dropout)
				if dim > 0 {
					state = heads.SentenceState(state, a.Text, a.States, k)
				}
				p := []float32{0, 0}
				l.Score(p[1:], state, lexical)
				heads.Softmax(p)
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

// dropout removes a share of the features, in place.
func dropout(random *rand.Rand, f []uint32, share float32) []uint32 {
	kept := f[:0]
	for _, x := range f {
		if random.Float32() >= share {
			kept = append(kept, x)
		}
	}
	return kept
}

// Picker selects consecutive sentences of an abstract.
type Picker func(a *Abstract) (first, count int, err error)

// LastSentence is the baseline.
func LastSentence(a *Abstract) (int, int, error) { return len(a.Text.Sentences) - 1, 1, nil }

// stagePicker selects as the summary stage does, up to most sentences.
func stagePicker(head *heads.Linear, most int) Picker {
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

// EvaluateSummaries compares selected sentences with the conclusions of the authors. A hit is a
// selection whose sentences all belong to the conclusion.
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

// prepareAbstracts prepares structured abstracts, without states; unlabelled removes their section
// labels.
func prepareAbstracts(docs []*schemas.Document, p preparer, unlabelled bool) []Abstract {
	var out []Abstract
	for _, d := range docs {
		at, ok := ConclusionSpan(d)
		if !ok {
			continue
		}
		if unlabelled {
			d = dataset.Unlabelled(d)
		}
		out = append(out, Abstract{Text: p.Prepare(d), Conclusions: at})
	}
	return out
}
