package pipeline

import (
	"fmt"

	"github.com/pubmine/pubmine/schemas"
)

// Report is what a run did. It is right also when the run stopped early.
type Report struct {
	Units          int      // units that the source listed
	Done           []string // names of the units published, in order
	Skipped        []string // names of the units that were published before
	Failed         []Failure
	schemas.Counts     // of the rows computed by this run; what a unit had in checkpoints is not among them
	Records        int // records, rejected ones included, computed by this run
	Resumed        int // records found in checkpoints
	Waits          Waits
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
