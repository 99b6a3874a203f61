// Package schemastest makes rows for tests: any rows at all, whether or not a document could give
// them.
package schemastest

import (
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

// Rows draws the rows of a record, up to two for each table: nulls, empty lists, empty texts and
// characters of every plane among them.
func Rows() *rapid.Generator[schemas.Rows] {
	return rapid.Custom(func(t *rapid.T) schemas.Rows {
		return schemas.Rows{
			Documents:  draw[schemas.DocumentRow](t),
			Sentences:  draw[schemas.SentenceRow](t),
			Mentions:   draw[schemas.MentionRow](t),
			Relations:  draw[schemas.RelationRow](t),
			Summaries:  draw[schemas.SummaryRow](t),
			Answers:    draw[schemas.AnswerRow](t),
			Labels:     draw[schemas.LabelRow](t),
			Vectors:    draw[schemas.VectorRow](t),
			Rejects:    draw[schemas.RejectRow](t),
			Superseded: draw[schemas.SupersededRow](t),
		}
	})
}

func draw[T any](t *rapid.T) []T { return rapid.SliceOfN(rapid.Make[T](), 0, 2).Draw(t, "rows") }

// Chunk draws the rows of up to limit records.
func Chunk(limit int) *rapid.Generator[[]schemas.Rows] { return rapid.SliceOfN(Rows(), 0, limit) }
