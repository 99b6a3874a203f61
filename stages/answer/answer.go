// Package answer answers questions about an abstract with yes, no or maybe.
//
// Every question is asked about every document. A document that does not address the question
// (package topic) gets no answer, and no row. Otherwise a head scores lexical features (package
// features: the form of the question, and how the abstract and its last sentences report findings:
// negated, significant, similar, with which p). The scores are divided by a temperature and become
// the probabilities of the answers; the most likely one is the answer. The score is the probability
// that the document addresses the question times that of the answer. A document always addresses
// the question that is its title.
//
// A question that cannot be answered by yes, no or maybe is refused (NewQuestion).
//
// The head is linear, so each of the last sentences contributes to an answer. The sentence with the
// largest contribution, relative to the mean of the other answers, is the evidence.
//
// The head is trained on PubMedQA (Jin et al., 2019, "PubMedQA: A Dataset for Biomedical Research
// Question Answering"), whose answers are inferred from an abstract without its conclusions. An
// answer is a hint; its evidence is to be read. The stage is pure.
package answer

import (
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/topic"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskAnswers

// Version is the version of this stage. Increase it with every change that can change the answer to
// the same question about the same text with the same head: results of another version are computed
// again.
const Version = 2

// Stage adds answers to a document's annotations.
type Stage struct {
	head      *heads.AnswerClassifier
	questions []Question
}

// New returns the stage for a head and questions.
func New(head *heads.AnswerClassifier, questions ...Question) (Stage, error) {
	return Stage{head, questions}, head.Check()
}

// WithQuestions returns the stage with other questions.
func (st Stage) WithQuestions(questions ...Question) Stage { return Stage{st.head, questions} }

// Name returns Task.
func (Stage) Name() string { return Task }

// ReadsStates is false: a question has no states.
func (Stage) ReadsStates() bool { return false }

// Annotate appends an answer to each question that the document addresses, in the order of the
// questions.
func (st Stage) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	d := topic.Index(t)
	for _, q := range st.questions {
		p, ok := q.OnTopic(t, d)
		if !ok {
			continue
		}
		seen := features.NewQuestion(t, q.Text)
		if first, end := seen.Sentences(); first == end {
			continue
		}
		answer := answerOf(st.head, t, seen)
		answer.Score *= p
		answer.QuestionID, answer.Question = q.ID, q.Text
		a.Answers = append(a.Answers, answer)
	}
	return nil
}

func answerOf(h *heads.AnswerClassifier, t *model.Text, q *features.Question) schemas.Answer {
	scores := make([]float32, len(h.Answers))
	h.Linear.Score(scores, nil, Features(nil, q))
	for i := range scores {
		scores[i] /= h.Temperature
	}
	heads.Softmax(scores)
	best := slices.Index(scores, slices.Max(scores))
	at := evidence(h, q, best)
	s := t.Sentences[at]
	return schemas.Answer{
		Answer: h.Answers[best], Score: scores[best], Sentences: []int32{int32(at)},
		Evidence: t.Body[s.Start:s.End],
	}
}

// Features appends all features of a question to dst.
func Features(dst []uint32, q *features.Question) []uint32 {
	dst = q.Append(dst)
	first, end := q.Sentences()
	for i := first; i < end; i++ {
		dst = q.AppendSentence(dst, i)
	}
	return dst
}

// evidence returns the sentence that contributes most to an answer; of equal ones the last.
func evidence(h *heads.AnswerClassifier, q *features.Question, answer int) int {
	first, end := q.Sentences()
	at, most := end-1, float32(0)
	scores := make([]float32, len(h.Answers))
	for i := end - 1; i >= first; i-- {
		h.Linear.Score(scores, nil, q.AppendSentence(nil, i))
		others := float32(0)
		for k, s := range scores {
			if s -= h.Linear.Bias[k]; k == answer {
				scores[answer] = s
			} else {
				others += s / float32(max(1, len(scores)-1))
			}
		}
		if part := scores[answer] - others; i == end-1 || part > most {
			at, most = i, part
		}
	}
	return at
}
