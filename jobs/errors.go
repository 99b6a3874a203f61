package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/sources/eutils"
)

// RequestError reports that a request cannot be fulfilled: it has to be changed.
type RequestError struct{ Err error }

// Error returns the reason.
func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *RequestError) Unwrap() error { return e.Err }

func invalid(format string, args ...any) error { return &RequestError{fmt.Errorf(format, args...)} }

// StoppedError reports that a job stopped in good order: nothing is lost, and the same job, started
// again, continues.
type StoppedError struct{ Cause error }

// Error returns the reason and what to do.
func (e *StoppedError) Error() string {
	return fmt.Sprintf("stopped in good order: %v: run the same command again to continue", e.Cause)
}

// Unwrap returns the reason.
func (e *StoppedError) Unwrap() error { return e.Cause }

// Resumable turns the error of a job that can be continued into one that says so: the end of the
// context and an unreachable server become a [StoppedError].
func Resumable(ctx context.Context, err error) error {
	var stopped *StoppedError
	switch {
	case err == nil, errors.As(err, &stopped):
		return err
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		return &StoppedError{context.Cause(ctx)}
	case errors.Is(err, eutils.ErrUnavailable):
		return &StoppedError{err}
	case corpus.Temporary(err):
		return fmt.Errorf("%w: run the same command again to continue", err)
	}
	return err
}
