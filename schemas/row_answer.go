package schemas

import (
	"fmt"
	"unicode/utf8"
)

// AnswerRow is a row of table answers.
type AnswerRow struct {
	Key
	QuestionID string  `parquet:"question_id,dict"`
	Question   string  `parquet:"question,dict"`
	Answer     string  `parquet:"answer"`
	Score      float32 `parquet:"score"`
	Model      string  `parquet:"model,dict"`
}

func (m *maker) addAnswer(a Answer) *Reject {
	if !finite(a.Score) {
		return &Reject{Stage: "answers", Kind: "bad-score", Message: fmt.Sprintf("question %q: score %v", a.QuestionID, a.Score)}
	}
	if !utf8.ValidString(a.Answer) || !utf8.ValidString(a.Question) {
		return &Reject{Stage: "answers", Kind: "bad-text", Message: fmt.Sprintf("question %q: not valid UTF-8", a.QuestionID)}
	}
	m.rows.Answers = append(m.rows.Answers, AnswerRow{
		Key: m.key, QuestionID: a.QuestionID, Question: a.Question, Answer: a.Answer, Score: a.Score, Model: m.from.Model,
	})
	return nil
}
