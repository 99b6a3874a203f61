package pipeline

import (
	"fmt"

	"github.com/pubmine/pubmine/schemas"
)

// Report is the result of a run. It is valid also if the run stopped early.
type Report struct {
	Units   int      // in the source
	Done    []string // names of the units published, in order
	Skipped []string // names of the units that were published before
	Failed  []Failure
	Counts  schemas.Counts // rows computed by this run, without those from checkpoints
	Records int            // records, rejected ones included, computed by this run
	Resumed int            // records found in checkpoints
	Reused  int            // documents with results of earlier runs
	Encoded int            // documents that encoder or generator read
	Waits   Waits
}

// Add adds the report of another run to r.
func (r *Report) Add(o Report) {
	r.Units += o.Units
	r.Done, r.Skipped, r.Failed = append(r.Done, o.Done...), append(
		r.Skipped, o.Skipped...,
	), append(r.Failed, o.Failed...)
	r.Counts.Merge(o.Counts)
	r.Records, r.Resumed, r.Waits = r.Records+o.Records, r.Resumed+o.Resumed, r.Waits.Add(o.Waits)
	r.Reused, r.Encoded = r.Reused+o.Reused, r.Encoded+o.Encoded
}

// Failure is a unit that cannot be read.
type Failure struct {
	Unit schemas.Unit
	Err  *schemas.BadInputError
}

// PanicError is a panic of a source, an encoder or a sink: a defect of the program, not of the
// input.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
