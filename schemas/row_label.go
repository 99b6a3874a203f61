package schemas

import (
	"fmt"
	"unicode/utf8"
)

// LabelRow is a row of table labels.
type LabelRow struct {
	Key
	Label string  `parquet:"label,dict"`
	Score float32 `parquet:"score"` // the model's probability, 0 to 1
	Model string  `parquet:"model,dict"`
}

func (b *rowBuilder) addLabel(x Label) *Reject {
	if !finite(x.Score) {
		return &Reject{
			Stage: TaskLabels, Kind: "bad-score", Message: fmt.Sprintf("label %q: score %v", x.Name, x.Score),
		}
	}
	if !utf8.ValidString(x.Name) {
		return &Reject{Stage: TaskLabels, Kind: "bad-text", Message: fmt.Sprintf("label %q: not valid UTF-8", x.Name)}
	}
	b.rows.Labels = append(b.rows.Labels, LabelRow{Key: b.key, Label: x.Name, Score: x.Score, Model: b.from.Model})
	return nil
}
