package train

import (
	"context"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// The data that fine-tuned heads are measured on.
const (
	devSet      = "dev set"
	trainingSet = "training set" // by cross-validation
)

// AnswersMeasured is how well an answer head does, and what there is to beat.
type AnswersMeasured struct {
	Head, BagOfWords Validation
}

// String says it on one line.
func (m AnswersMeasured) String() string {
	of := func(j Evaluation) string {
		return fmt.Sprintf(
			"accuracy %.1f ± %.1f, macro-F1 %.1f ± %.1f", 100*j.Accuracy.Mean, 100*j.Accuracy.Std, 100*j.Macro.Mean,
			100*j.Macro.Std,
		)
	}
	said := fmt.Sprintf(
		"%d questions, cross-validated: %s (commonest answer: accuracy %.1f, macro-F1 %.1f; bag of words: %s); expected error of the probabilities %.1f points",
		m.Head.Questions, of(m.Head.Plain), 100*m.Head.Majority.Accuracy(), 100*m.Head.Majority.Macro(),
		of(m.BagOfWords.Plain), 100*m.Head.Calibration.Error(),
	)
	if len(m.Head.WithConclusion.Table) > 0 {
		said += fmt.Sprintf(
			"; with the conclusions in the abstract, as in use: %s (bag of words: %s)", of(m.Head.WithConclusion),
			of(m.BagOfWords.WithConclusion),
		)
	}
	return said
}

// answerHead trains an answer head and returns it as tensors and metadata. What it reaches is added
// to the measures.
func answerHead(
	all []Asked, o AnswerOptions, data string, measured score.Tables,
) ([]weights.Tensor, map[string]string, AnswersMeasured, error) {
	h, v, err := LearnAnswers(all, o)
	m := AnswersMeasured{Head: v}
	if err != nil {
		return nil, nil, m, err
	}
	if m.BagOfWords, err = CrossValidateAnswers(all, BagOfWords, o); err != nil {
		return nil, nil, m, err
	}
	subject := score.Subject{Task: schemas.TaskAnswers, Data: data, Setting: "cross-validated"}
	measured[subject] = v.Plain.Table
	for baseline, table := range map[string]score.Table{
		"most common answer": v.Majority, "bag of words": m.BagOfWords.Plain.Table,
	} {
		subject.Baseline = baseline
		measured[subject] = table
	}
	if len(v.WithConclusion.Table) > 0 {
		subject.Setting, subject.Baseline = "cross-validated, with conclusions", ""
		measured[subject] = v.WithConclusion.Table
	}
	tensors, metadata, err := h.Tensors()
	return tensors, metadata, m, err
}

// answers learns from the questions that the documents come with: from all of them where none were
// given to measure on, as cross-validation measures without.
func (s *fineTune) answers(ctx context.Context) ([]weights.Tensor, map[string]string, error) {
	const least = 20
	o := YesNoMaybe()
	o.Seed = s.Seed
	learn := questions(s.all, s.prepare)
	if n := len(o.read(learn, func(*model.Text, string) []uint32 { return nil })); n < least {
		return nil, nil, impossible(
			"task answers: %d of the documents to train on have a question with one of the answers %s; at least %d are needed",
			n, strings.Join(o.Answers, ", "), least,
		)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	tensors, metadata, m, err := answerHead(learn, o, trainingSet, s.outcome.Score)
	s.outcome.Answers = &m
	s.progress(schemas.TaskAnswers, 1, 1, m.String())
	return tensors, metadata, err
}
