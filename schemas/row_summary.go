package schemas

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// SummaryRow is a row of table summaries.
type SummaryRow struct {
	Key
	Text      string  `parquet:"text"`
	Method    string  `parquet:"method,dict"`    // MethodExtracted or MethodGenerated
	Sentences []int32 `parquet:"sentences,list"` // sentences.sentence of the text; empty if it was generated
	Score     float32 `parquet:"score"`
	Model     string  `parquet:"model,dict"`
}

func (b *rowBuilder) addSummary(s Summary) *Reject {
	bad := func(kind, format string, args ...any) *Reject {
		return &Reject{Stage: TaskSummary, Kind: kind, Message: fmt.Sprintf(format, args...)}
	}
	if !finite(s.Score) {
		return bad("bad-score", "score %v", s.Score)
	}
	if !utf8.ValidString(s.Text) {
		return bad("bad-text", "the summary is not valid UTF-8")
	}
	for _, i := range s.Sentences {
		if _, ok := b.sentences[int(i)]; !ok {
			return bad("bad-reference", "sentence %d has no row", i)
		}
	}
	b.rows.Summaries = append(b.rows.Summaries, SummaryRow{
		Key: b.key, Text: s.Text, Method: s.Method, Sentences: slices.Clone(s.Sentences), Score: s.Score,
		Model: b.from.Model,
	})
	return nil
}
