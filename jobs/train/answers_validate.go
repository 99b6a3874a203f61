package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// AnswerResult is the cross-validation of an answer head, and of a baseline with a bag of words.
type AnswerResult struct {
	Head, BagOfWords Validation
}

// String formats the result on one line.
func (m AnswerResult) String() string {
	of := func(e Evaluation) string {
		return fmt.Sprintf(
			"accuracy %.1f ± %.1f, macro-F1 %.1f ± %.1f", 100*e.Accuracy.Mean, 100*e.Accuracy.Std, 100*e.Macro.Mean,
			100*e.Macro.Std,
		)
	}
	text := fmt.Sprintf(
		"%d questions, cross-validated: %s (most common answer: accuracy %.1f, macro-F1 %.1f; bag of words: %s); "+
			"expected calibration error %.1f points",
		m.Head.Questions,
		of(m.Head.Plain),
		100*m.Head.Majority.Accuracy(),
		100*m.Head.Majority.Macro(),
		of(m.BagOfWords.Plain),
		100*m.Head.Calibration.Error(),
	)
	if len(m.Head.WithConclusion.Table) > 0 {
		text += fmt.Sprintf(
			"; with the conclusion in the abstract: %s (bag of words: %s)", of(m.Head.WithConclusion),
			of(m.BagOfWords.WithConclusion),
		)
	}
	return text
}

// addTo adds the result to scores.
func (m AnswerResult) addTo(scores score.Tables, data string) {
	subject := score.Subject{Task: schemas.TaskAnswers, Data: data, Setting: "cross-validated"}
	scores[subject] = m.Head.Plain.Table
	for baseline, table := range map[string]score.Table{
		"most common answer": m.Head.Majority, "bag of words": m.BagOfWords.Plain.Table,
	} {
		subject.Baseline = baseline
		scores[subject] = table
	}
	if len(m.Head.WithConclusion.Table) > 0 {
		subject.Setting, subject.Baseline = "cross-validated, with conclusions", ""
		scores[subject] = m.Head.WithConclusion.Table
	}
}

// Validation is the result of cross-validation: each question is answered once per partition into
// folds, by a head that was not trained on it.
type Validation struct {
	Questions      int
	Plain          Evaluation        // documents as they are
	WithConclusion Evaluation        // documents that lack their conclusion, with it
	Majority       score.Table       // baseline: the most common answer of the training folds
	Temperature    float32           // that minimises the cross-entropy
	Calibration    score.Calibration // of Plain, at that temperature
}

// Evaluation is the agreement of predicted and gold answers.
type Evaluation struct {
	Table    score.Table // of all partitions together
	Accuracy MeanStd     // over the partitions
	Macro    MeanStd     // macro-F1, over the partitions
}

// MeanStd is a mean and a standard deviation. That over the partitions of one set of questions is
// smaller than that over sets: sqrt(p(1-p)/n), 2.2 points for 62% of 500 questions.
type MeanStd struct{ Mean, Std float64 }

func meanStd(x []float64) (s MeanStd) {
	n := float64(max(1, len(x)))
	for _, v := range x {
		s.Mean += v / n
	}
	for _, v := range x {
		s.Std += (v - s.Mean) * (v - s.Mean) / n
	}
	s.Std = math.Sqrt(s.Std)
	return s
}

func (o *answerOptions) crossValidate(questions []answerSample) (Validation, error) {
	v := Validation{Questions: len(questions), Majority: score.Table{}}
	var plain, withConclusion predictionSet
	for split := range o.Splits {
		fold := make([]int, len(questions))
		for i, k := range rand.New(rand.NewPCG(o.Seed+uint64(split), 11)).Perm(len(questions)) {
			fold[k] = i % o.Folds
		}
		plain.newSplit()
		withConclusion.newSplit()
		for k := range o.Folds {
			l, err := o.learn(questions, func(i int) bool { return fold[i] != k }, o.Seed+uint64(split))
			if err != nil {
				return v, err
			}
			counts := make([]int, len(o.Answers))
			for i, q := range questions {
				if fold[i] != k {
					counts[q.label]++
				}
			}
			for i, q := range questions {
				if fold[i] != k {
					continue
				}
				plain.add(o, l, q.features, q.label)
				if q.withConclusion != nil {
					withConclusion.add(o, l, q.withConclusion, q.label)
				}
				v.Majority.Answer(o.Answers[slices.Index(counts, slices.Max(counts))], o.Answers[q.label])
			}
		}
	}
	v.Plain, v.WithConclusion = plain.evaluation(), withConclusion.evaluation()
	v.Temperature = fitTemperature(slices.Concat(plain.predictions, withConclusion.predictions))
	for _, x := range plain.predictions {
		p := x.probabilities(&heads.RelationClassifier{Temperature: v.Temperature})
		best := slices.Index(p, slices.Max(p))
		v.Calibration.Add(p[best], best == x.label)
	}
	return v, nil
}

// predictionSet collects predictions, partition by partition.
type predictionSet struct {
	predictions []prediction
	tables      []score.Table
}

func (s *predictionSet) newSplit() { s.tables = append(s.tables, score.Table{}) }

func (s *predictionSet) add(o *answerOptions, l *heads.Learner, features []uint32, label int) {
	p := make([]float32, len(o.Answers))
	l.Score(p, nil, features)
	s.predictions = append(s.predictions, prediction{scores: p, label: label})
	s.tables[len(s.tables)-1].Answer(o.Answers[slices.Index(p, slices.Max(p))], o.Answers[label])
}

func (s *predictionSet) evaluation() Evaluation {
	e := Evaluation{Table: score.Table{}}
	var accuracy, macro []float64
	for _, t := range s.tables {
		accuracy, macro = append(accuracy, t.Accuracy()), append(macro, t.Macro())
		for a, c := range t {
			e.Table[a] = e.Table[a].Add(c)
		}
	}
	e.Accuracy, e.Macro = meanStd(accuracy), meanStd(macro)
	return e
}
