package pipeline

import (
	"context"
	"iter"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Pipeline is the components of a run.
type Pipeline struct {
	Source    Source
	Preparer  Preparer
	Encoder   Encoder   // nil if no task reads states
	Generator Generator // nil if no task is a Prompter
	Tasks     []Task
	Reuser    Reuser // nil to compute everything
	Sink      Sink
	Model     string // name and digest of the model, for the rows
	Options   Options
	Hooks     Hooks
}

// A Source yields the units of a run and their documents, in a stable order.
type Source interface {
	// Units lists the units. Names are unique within the list.
	Units(ctx context.Context) ([]schemas.Unit, error)
	// Digest identifies the unit's content: for a file, the sha256 of its bytes in hex. If only a
	// part of it is taken, ':' and a description of the part follow.
	Digest(ctx context.Context, u schemas.Unit) (string, error)
	// Documents yields the records of a unit, always in the same order. With a *schemas.Reject
	// error the record is bad and the sequence continues; any other error ends it, and the unit is
	// not published. An input that will never be readable is a *schemas.BadInputError.
	Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error]
}

// A Skipper is a Source whose records are costly, such as those that come over a network.
type Skipper interface {
	// DocumentsFrom is Documents without the first n records. It also returns the number of records
	// that it skipped: n, or all if there are fewer.
	DocumentsFrom(ctx context.Context, u schemas.Unit, n int) (passed int, docs iter.Seq2[*schemas.Document, error])
}

// A Positioner is a Source that knows how far it has read.
type Positioner interface {
	// Position returns how much of a unit the iteration over its documents has read, and its size:
	// in bytes or records, and 0 if they are not known.
	Position(u schemas.Unit) (read, size int64)
}

// A Preparer makes a document ready for the model: sentences, words, tokens, windows. It must be
// safe for concurrent use and depend on nothing but the document.
type Preparer interface {
	Prepare(doc *schemas.Document) *model.Text
}

// An Encoder runs the trunk. Calls do not overlap: the pipeline owns the device from one goroutine.
type Encoder interface {
	// Encode passes to done for each sequence of token ids, by its index, its last hidden states,
	// len(sequence) rows of Dim values: as soon as they are computed, in any order, one call at a
	// time. A sequence's states do not depend on the others beyond the tolerance that the encoder
	// states. The caller keeps what is passed to done. When ctx ends, Encode returns soon.
	Encode(ctx context.Context, sequences [][]int32, done func(i int, states []float32)) error
	// Dim is the width of a row.
	Dim() int
}

// A Generator continues prompts. Calls do not overlap, neither with one another nor with those of
// the Encoder.
type Generator interface {
	// Generate passes to done the completion of each prompt, by its index, as Encode does. It does
	// not depend on the other prompts beyond a tolerance that the Generator documents.
	Generate(ctx context.Context, prompts []model.Prompt, done func(i int, c model.Completion)) error
}

// Exact is an Encoder or a Generator that may give the same results whatever else is in a call.
type Exact interface {
	// Exact reports whether it does, to the last bit.
	Exact() bool
}

// A Prompter is a Task for which the model generates text: Annotate receives the completions of its
// prompts in States.Completions.
type Prompter interface {
	Task
	// Prompts returns the prompts for a document, possibly none. The rules of a Task apply.
	Prompts(t *model.Text) []model.Prompt
}

// A Task adds one kind of annotation to a document. Tasks run in order, so that a later one sees
// what an earlier one found. A Task must be safe for concurrent use on different documents and
// depend on nothing but its arguments.
type Task interface {
	Name() string
	Annotate(t *model.Text, s model.States, a *schemas.Annotations) error
}

// A StateReader is a Task that can tell whether it reads the states of the Encoder. Every other
// Task is assumed to read them.
type StateReader interface {
	Task
	// ReadsStates reports whether Annotate reads States.Data.
	ReadsStates() bool
}

// A Sink keeps the rows of a run. Its methods and those of its UnitWriters may be called from two
// goroutines at once.
type Sink interface {
	// Committed reports whether the unit is already published under this run's fingerprint; digest
	// is called only if the unit's stamp does not decide it.
	Committed(u schemas.Unit, digest func() (string, error)) (bool, error)
	// Open starts or resumes a unit. It returns a *schemas.BadInputError if the sink refuses the
	// unit.
	Open(ctx context.Context, u schemas.Unit, digest string) (UnitWriter, error)
	// Flush publishes the units that Commit set aside: all or nothing, durable on return.
	Flush(ctx context.Context) error
}

// A UnitWriter writes one unit, chunk by chunk. Chunks are numbered from 0 in the order of the
// source. There is nothing to discard: until Commit a unit is only its checkpoints, from which a
// later run continues.
type UnitWriter interface {
	// Have reports whether the chunk was checkpointed, by this run or an earlier one.
	Have(chunk int) bool
	// Write checkpoints a chunk, the rows of each of its records: durable on return.
	Write(ctx context.Context, chunk int, records []schemas.Rows) error
	// Commit publishes chunks 0 to chunks-1, all or nothing, durable on return; or it sets them
	// aside, to be published together with those of other units by Flush at the latest.
	Commit(ctx context.Context, chunks int) error
}

// A Keeper is a UnitWriter that also checkpoints parts of a chunk, so that little is lost where a
// chunk takes long.
type Keeper interface {
	// Keep checkpoints the rows of the first records of a chunk, in place of those kept before:
	// durable on return. Write of the chunk ends it.
	Keep(ctx context.Context, chunk int, records []schemas.Rows) error
	// Kept returns what was last kept of a chunk, by this run or an earlier one; nil if nothing is.
	Kept(chunk int) ([]schemas.Rows, error)
}
