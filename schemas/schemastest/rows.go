// Package schemastest makes rows for tests: any rows at all, whether or not a document could give them.
package schemastest

import (
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

// Rows draws the rows of a record: nulls, empty lists, empty texts and characters of every plane among them.
func Rows() *rapid.Generator[schemas.Rows] { return rapid.Make[schemas.Rows]() }

// Chunk draws the rows of up to limit records.
func Chunk(limit int) *rapid.Generator[[]schemas.Rows] { return rapid.SliceOfN(Rows(), 0, limit) }
