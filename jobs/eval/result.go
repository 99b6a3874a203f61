package eval

import (
	"encoding/json"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

// Result is the evaluation on one Data. A task that the model does not serve, or that the data has
// no gold annotations for, is nil.
type Result struct {
	Name      string         `json:"name"`
	Documents int            `json:"documents"`
	Mentions  *MentionScores `json:"mentions,omitempty"`
	Linking   *LinkingScores `json:"linking,omitempty"`
	Relations *Relations     `json:"relations,omitempty"`
	Summaries *SummaryScores `json:"summaries,omitempty"`
	Answers   *AnswerScores  `json:"answers,omitempty"`
	Labels    *LabelScores   `json:"labels,omitempty"`
	Examples  []Example      `json:"examples,omitempty"` // summaries for reading
}

// Empty reports whether no task was evaluated.
func (r *Result) Empty() bool {
	return r.Mentions == nil && r.Relations == nil && r.Summaries == nil && r.Answers == nil && r.Labels == nil &&
		r.Examples == nil
}

// MentionScores are counts of mentions by type.
type MentionScores struct {
	Strict      score.Table       `json:"-"`
	Overlap     score.Table       `json:"-"`
	Calibration score.Calibration `json:"-"`
}

func (x *MentionScores) add(e *dataset.Example, found []schemas.Mention) {
	x.Strict.Mentions(e, found)
	x.Overlap.Overlaps(e, found)
	for _, m := range found {
		if correct, counted := score.Mention(e, m); counted {
			x.Calibration.Add(m.Score, correct)
		}
	}
}

// SummaryScores compare the model with the baseline that takes the last sentence.
type SummaryScores struct {
	Documents    int          `json:"documents"` // structured abstracts
	Model        SummaryScore `json:"model"`
	LastSentence SummaryScore `json:"last_sentence"`
}

// SummaryScore is how well sentences were selected.
type SummaryScore struct {
	// HitRate is the share of abstracts whose selected sentences all belong to the conclusions.
	HitRate float64 `json:"hit_rate"`
	RougeL  float64 `json:"rouge_l"` // mean F1
}

func summaryScore(s score.Summaries) SummaryScore {
	return SummaryScore{HitRate: s.HitRate(), RougeL: s.MeanRougeL()}
}

// countJSON is the JSON form of a score.Count.
type countJSON struct {
	TP        int     `json:"tp"`
	FP        int     `json:"fp"`
	FN        int     `json:"fn"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

func countOf(c score.Count) countJSON {
	return countJSON{c.TP, c.FP, c.FN, c.Precision(), c.Recall(), c.F1()}
}

// tableJSON is the JSON form of a score.Table.
type tableJSON struct {
	Micro countJSON            `json:"micro"`
	Types map[string]countJSON `json:"types"`
}

func tableOf(t score.Table) tableJSON {
	out := tableJSON{countOf(t.Micro()), map[string]countJSON{}}
	for typ, c := range t {
		out.Types[typ] = countOf(c)
	}
	return out
}

// calibrationJSON is the JSON form of a score.Calibration.
type calibrationJSON struct {
	Error float64   `json:"expected_error"`
	Bins  []binJSON `json:"bins"`
}

// binJSON is a bin of scores from From on.
type binJSON struct {
	From     float64 `json:"from"`
	Count    int     `json:"count"`
	Mean     float64 `json:"mean_score"`
	Accuracy float64 `json:"accuracy"`
}

func calibrationOf(c score.Calibration) calibrationJSON {
	out := calibrationJSON{Error: c.Error()}
	for i, b := range c {
		out.Bins = append(out.Bins, binJSON{float64(i) / score.Bins, b.Count, b.Mean(), b.Accuracy()})
	}
	return out
}

// MarshalJSON prints the counts and the measures.
func (x MentionScores) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Strict      tableJSON       `json:"strict"`
		Overlap     tableJSON       `json:"overlap"`
		Calibration calibrationJSON `json:"calibration"`
	}{tableOf(x.Strict), tableOf(x.Overlap), calibrationOf(x.Calibration)})
}

// Sum adds up the counts of mentions, relations and labels under one name. Summaries and answers
// have no sum, as they are means over documents.
func Sum(name string, results []Result) Result {
	sum := Result{Name: name}
	for _, r := range results {
		sum.Documents += r.Documents
		if r.Mentions != nil {
			if sum.Mentions == nil {
				sum.Mentions = &MentionScores{Strict: score.Table{}, Overlap: score.Table{}}
			}
			merge(sum.Mentions.Strict, r.Mentions.Strict)
			merge(sum.Mentions.Overlap, r.Mentions.Overlap)
			sum.Mentions.Calibration.Merge(r.Mentions.Calibration)
		}
		if r.Linking != nil {
			if sum.Linking == nil {
				sum.Linking = &LinkingScores{Gold: score.Linking{}, Found: score.Linking{}}
			}
			sum.Linking.Gold.Merge(r.Linking.Gold)
			sum.Linking.Found.Merge(r.Linking.Found)
		}
		if r.Relations != nil {
			if sum.Relations == nil {
				sum.Relations = newRelations(r.Relations.GoldMentions)
			}
			sum.Relations.merge(r.Relations)
		}
		if r.Labels != nil {
			if sum.Labels == nil {
				sum.Labels = &LabelScores{Table: score.Table{}}
			}
			sum.Labels.Documents += r.Labels.Documents
			merge(sum.Labels.Table, r.Labels.Table)
		}
	}
	return sum
}

func merge(dst, src score.Table) {
	for typ, c := range src {
		dst[typ] = dst[typ].Add(c)
	}
}
