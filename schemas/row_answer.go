package schemas

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// AnswerRow is a row of table answers.
type AnswerRow struct {
	Key
	QuestionID string  `parquet:"question_id,dict"`
	Question   string  `parquet:"question,dict"`
	Answer     string  `parquet:"answer"`
	Score      float32 `parquet:"score"`
	Sentences  []int32 `parquet:"sentences,list"` // sentences.sentence of its support; empty if not known
	Evidence   string  `parquet:"evidence,optional"`
	Model      string  `parquet:"model,dict"`
}

func (b *rowBuilder) addAnswer(a Answer) *Reject {
	if !finite(a.Score) {
		return &Reject{
			Stage: TaskAnswers, Kind: "bad-score",
			Message: fmt.Sprintf("question %q: score %v", a.QuestionID, a.Score),
		}
	}
	if !utf8.ValidString(a.Answer) || !utf8.ValidString(a.Question) || !utf8.ValidString(a.Evidence) {
		return &Reject{
			Stage: TaskAnswers, Kind: "bad-text",
			Message: fmt.Sprintf("question %q: not valid UTF-8", a.QuestionID),
		}
	}
	for _, i := range a.Sentences {
		if _, ok := b.sentences[int(i)]; !ok {
			return &Reject{
				Stage: TaskAnswers, Kind: "bad-reference",
				Message: fmt.Sprintf("question %q: sentence %d has no row", a.QuestionID, i),
			}
		}
	}
	b.rows.Answers = append(b.rows.Answers, AnswerRow{
		Key: b.key, QuestionID: a.QuestionID, Question: a.Question, Answer: a.Answer, Score: a.Score,
		Sentences: slices.Clone(a.Sentences), Evidence: a.Evidence, Model: b.from.Model,
	})
	return nil
}
