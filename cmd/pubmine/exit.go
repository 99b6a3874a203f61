package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRejects = 3
	exitInput   = 42
	exitBug     = 70
	exitAgain   = 75
)

const exitHelp = `Exit codes:
    0   done
    1   failed
    2   wrong use of the command line
    3   done, with a larger share of rejects than --max-rejects allows
    42  an input cannot be read: do not try again before it is replaced
    70  a defect of pubmine
    75  stopped in good order (a signal, a full disk, no network, another run at work): run it again`

// usageError is a wrong use of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// rejectsError says that too many records were rejected.
type rejectsError struct {
	share, allowed float64
}

func (e rejectsError) Error() string {
	return fmt.Sprintf(
		"rejects: %.1f%% of the records, more than the %.1f%% allowed: see table rejects, or raise --max-rejects",
		100*e.share, 100*e.allowed,
	)
}

// laterError says that the same command may well succeed later, or once what it names is there.
type laterError struct{ error }

func (e laterError) Unwrap() error { return e.error }

// inputErrors are the inputs of a run that cannot be read.
type inputErrors []pipeline.Failure

func (e inputErrors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = "bad input: " + f.Err.Error()
	}
	return strings.Join(lines, "\n")
}

// defect is a panic.
type defect struct {
	value any
	stack []byte
}

func (e *defect) Error() string { return fmt.Sprintf("defect: %v", e.value) }

// exitCode says what a script should do about an error.
func exitCode(err error) int {
	var (
		use     usageError
		rejects rejectsError
		inputs  inputErrors
		bad     *schemas.BadInputError
		bug     *defect
		panicky *pipeline.PanicError
		stopped *jobs.StoppedError
		request *jobs.RequestError
		later   laterError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &bug), errors.As(err, &panicky):
		return exitBug
	case errors.As(err, &stopped), errors.As(err, &later), errors.Is(err, context.Canceled), corpus.Temporary(err):
		return exitAgain
	case errors.As(err, &use), errors.As(err, &request):
		return exitUsage
	case errors.As(err, &inputs), errors.As(err, &bad):
		return exitInput
	case errors.As(err, &rejects):
		return exitRejects
	}
	return exitFailed
}

// report writes an error, one line each for what it is made of, and returns the exit code.
func report(w io.Writer, err error) int {
	code := exitCode(err)
	if err == nil {
		return code
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(w, "pubmine: %s\n", strings.TrimSpace(line))
	}
	var (
		bug     *defect
		panicky *pipeline.PanicError
	)
	switch {
	case errors.As(err, &bug):
		fmt.Fprintf(w, "This is a defect of pubmine. Please report it with what follows.\n%s", bug.stack)
	case errors.As(err, &panicky):
		fmt.Fprintf(w, "This is a defect of pubmine. Please report it with what follows.\n%s", panicky.Stack)
	}
	return code
}
