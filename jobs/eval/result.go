package eval

import (
	"encoding/json"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

// Result is what was measured on one Data. Parts that the data or the model has nothing for are
// nil.
type Result struct {
	Name      string     `json:"name"`
	Documents int        `json:"documents"`
	Mentions  *Entities  `json:"mentions,omitempty"`
	Relations *Relations `json:"relations,omitempty"`
	Summaries *Summaries `json:"summaries,omitempty"`
	Answers   *Answers   `json:"answers,omitempty"`
	Examples  []Example  `json:"examples,omitempty"` // of summaries
}

// Entities are counts of mentions by type.
type Entities struct {
	Strict      score.Table       `json:"-"`
	Overlap     score.Table       `json:"-"`
	Calibration score.Calibration `json:"-"`
}

func (x *Entities) add(e *dataset.Example, found []schemas.Mention) {
	x.Strict.Mentions(e, found)
	x.Overlap.Overlaps(e, found)
	for _, m := range found {
		if right, counted := score.Mention(e, m); counted {
			x.Calibration.Add(m.Score, right)
		}
	}
}

// Summaries are the model's picks, and for comparison the last sentences.
type Summaries struct {
	Documents    int  `json:"documents"` // structured abstracts
	Model        Pick `json:"model"`
	LastSentence Pick `json:"last_sentence"`
}

// Pick says how well sentences were picked.
type Pick struct {
	HitRate float64 `json:"hit_rate"` // share of abstracts all of whose picked sentences belong to the conclusions
	RougeL  float64 `json:"rouge_l"`  // mean F1
}

func picks(s score.Summaries) Pick { return Pick{HitRate: s.HitRate(), RougeL: s.MeanRougeL()} }

// figures is a score.Count as it is printed in JSON.
type figures struct {
	Right     int     `json:"right"`
	Wrong     int     `json:"wrong"`
	Missed    int     `json:"missed"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

func figuresOf(c score.Count) figures {
	return figures{c.TP, c.FP, c.FN, c.Precision(), c.Recall(), c.F1()}
}

// table is a score.Table as it is printed in JSON.
type table struct {
	Micro figures            `json:"micro"`
	Types map[string]figures `json:"types"`
}

func tableOf(t score.Table) table {
	out := table{figuresOf(t.Micro()), map[string]figures{}}
	for typ, c := range t {
		out.Types[typ] = figuresOf(c)
	}
	return out
}

// calibration is a score.Calibration as it is printed in JSON.
type calibration struct {
	Error float64 `json:"expected_error"`
	Bins  []bin   `json:"bins"`
}

type bin struct {
	From     float64 `json:"from"`
	Found    int     `json:"found"`
	Mean     float64 `json:"mean_score"`
	Accuracy float64 `json:"accuracy"`
}

func calibrationOf(c score.Calibration) calibration {
	out := calibration{Error: c.Error()}
	for i, b := range c {
		out.Bins = append(out.Bins, bin{float64(i) / score.Bins, b.Found, b.Mean(), b.Accuracy()})
	}
	return out
}

// MarshalJSON prints the counts with the measures made of them.
func (x Entities) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Strict      table       `json:"strict"`
		Overlap     table       `json:"overlap"`
		Calibration calibration `json:"calibration"`
	}{tableOf(x.Strict), tableOf(x.Overlap), calibrationOf(x.Calibration)})
}

// Sum adds results up under one name. Summaries and answers are left out: they are means of their
// own documents.
func Sum(name string, results []Result) Result {
	sum := Result{Name: name}
	for _, r := range results {
		sum.Documents += r.Documents
		if r.Mentions != nil {
			if sum.Mentions == nil {
				sum.Mentions = &Entities{Strict: score.Table{}, Overlap: score.Table{}}
			}
			merge(sum.Mentions.Strict, r.Mentions.Strict)
			merge(sum.Mentions.Overlap, r.Mentions.Overlap)
			sum.Mentions.Calibration.Merge(r.Mentions.Calibration)
		}
		if r.Relations != nil {
			if sum.Relations == nil {
				sum.Relations = newRelations(r.Relations.GoldMentions)
			}
			sum.Relations.merge(r.Relations)
		}
	}
	return sum
}

func merge(dst, src score.Table) {
	for typ, c := range src {
		dst[typ] = dst[typ].Add(c)
	}
}
