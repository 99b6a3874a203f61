// Package sources finds the inputs of a run and reads documents out of them.
//
// An Input is a list of units in a stable order, each a sequence of documents in a stable order.
// Files reads PubMed XML from files, folders and globs; Limit and Only make a smaller Input of
// another. Each is a pure view: what a unit holds depends on nothing but the bytes of the input and
// on the arguments, and Digest identifies it, so that a unit that holds less than its file has
// another digest and another stamp than the whole file.
package sources

import (
	"context"
	"iter"

	"github.com/pubmine/pubmine/schemas"
)

// Input is what the combinators take and give. It is what the pipeline asks of a source, said again
// here so that this package depends on schemas alone.
type Input interface {
	// Units lists what there is, with unique names.
	Units(ctx context.Context) ([]schemas.Unit, error)
	// Digest identifies the content of a unit.
	Digest(ctx context.Context, u schemas.Unit) (string, error)
	// Documents yields the records of a unit. With a *schemas.Reject the record is bad and the
	// sequence goes on; any other error ends it. An input that will never be readable is a
	// *schemas.BadInputError.
	Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error]
}
