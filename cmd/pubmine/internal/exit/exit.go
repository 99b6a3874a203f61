// Package exit gives the errors of the commands their messages and exit codes.
package exit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/models"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/jobs/train/prompttuning"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/fetch"
)

// The exit codes.
const (
	OK      = 0
	Failure = 1
	Misuse  = 2
	Rejects = 3
	Input   = 42
	Bug     = 70
	Again   = 75
)

// Codes returns all exit codes in order.
func Codes() []int {
	return []int{OK, Failure, Misuse, Rejects, Input, Bug, Again}
}

// Meaning explains an exit code to the users.
func Meaning(code int) string {
	switch code {
	case OK:
		return "success"
	case Failure:
		return "failure"
	case Misuse:
		return "wrong use of the command line"
	case Rejects:
		return "finished, but the share of rejected records exceeds --max-rejects"
	case Input:
		return "an input is invalid or cannot be read: repair or replace it, then run the command again"
	case Bug:
		return "internal error: please report it"
	case Again:
		return "stopped or not possible now (signal, full disk, no network, lock): run it again later"
	}
	return "unknown"
}

// UsageError is a wrong use of the command line.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e UsageError) Unwrap() error { return e.Err }

// Usage returns a UsageError with a message.
func Usage(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// RejectsError means that too many records were rejected.
type RejectsError struct {
	Share, Allowed float64
}

func (e RejectsError) Error() string {
	return fmt.Sprintf(
		"rejects: %.1f%% of the records, more than the %.1f%% allowed: see table rejects, or raise --max-rejects",
		100*e.Share, 100*e.Allowed,
	)
}

// Stopped is the error of a command that a signal ended.
func Stopped(ctx context.Context) error { return &jobs.StoppedError{Cause: context.Cause(ctx)} }

// LaterError means that the same command may succeed later, or when what its message names is
// fixed.
type LaterError struct{ Err error }

func (e LaterError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e LaterError) Unwrap() error { return e.Err }

// InputErrors are the invalid inputs of a run.
type InputErrors []pipeline.Failure

func (e InputErrors) Error() string { return errors.Join(e.Unwrap()...).Error() }

// Unwrap returns an error for each input.
func (e InputErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, f := range e {
		errs[i] = fmt.Errorf("bad input: %w", f.Err)
	}
	return errs
}

// changed reports whether all of the inputs were merely changed while they were read.
func (e InputErrors) changed() bool {
	return !slices.ContainsFunc(e, func(f pipeline.Failure) bool { return !errors.Is(f.Err, sources.ErrChanged) })
}

// Panic is a panic of the program.
type Panic struct {
	Value any
	Stack []byte
}

func (e *Panic) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

// misused reports whether an error of another package means a wrong use of the command line.
func misused(err error) bool {
	return slices.ContainsFunc([]error{
		modeldir.ErrTaken, modeldir.ErrComplete, models.ErrExists, models.ErrTemplate, train.ErrPlan, lm.ErrPlan,
		prompttuning.ErrPlan, loop.ErrOther, dataset.ErrNoSplit, store.ErrTaken,
	}, func(e error) bool { return errors.Is(err, e) })
}

// temporary reports whether the same command may succeed later.
func temporary(err error) bool {
	return errors.Is(err, context.Canceled) || corpus.Temporary(err) || errors.Is(err, store.ErrLocked) ||
		errors.Is(err, fetch.ErrNetwork)
}

// Code is the exit code of a command that returned err.
func Code(err error) int {
	var (
		use     UsageError
		rejects RejectsError
		inputs  InputErrors
		bad     *schemas.BadInputError
		bug     *Panic
		panicky *pipeline.PanicError
		stopped *jobs.StoppedError
		request *jobs.RequestError
		later   LaterError
	)
	switch {
	case err == nil:
		return OK
	case errors.As(err, &bug), errors.As(err, &panicky):
		return Bug
	case errors.As(err, &stopped), errors.As(err, &later), temporary(err):
		return Again
	case errors.As(err, &use), errors.As(err, &request), misused(err):
		return Misuse
	case errors.As(err, &inputs) && inputs.changed():
		return Again
	case errors.As(err, &inputs), errors.As(err, &bad), errors.Is(err, weights.ErrNotFinite):
		return Input
	case errors.As(err, &rejects):
		return Rejects
	}
	return Failure
}

// Report prints an error, one line per joined error, and returns the exit code.
func Report(w io.Writer, err error) int {
	code := Code(err)
	for _, line := range lines(err) {
		fmt.Fprintf(w, "pubmine: %s\n", inert.Line(inert.Redact(line)))
	}
	var (
		bug     *Panic
		panicky *pipeline.PanicError
	)
	switch {
	case errors.As(err, &bug):
		fmt.Fprintf(w, "This is a bug of pubmine. Please report it with this trace:\n%s", bug.Stack)
	case errors.As(err, &panicky):
		fmt.Fprintf(w, "This is a bug of pubmine. Please report it with this trace:\n%s", panicky.Stack)
	}
	return code
}

// lines returns the message of each of the errors that are joined in err, also below a common
// beginning.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	message := err.Error()
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var all []string
		for _, part := range e.Unwrap() {
			all = append(all, lines(part)...)
		}
		if message == errors.Join(e.Unwrap()...).Error() {
			return all
		}
	case interface{ Unwrap() error }:
		inner := lines(e.Unwrap())
		if before, ok := strings.CutSuffix(message, fmt.Sprint(e.Unwrap())); ok && len(inner) > 1 {
			inner[0] = before + inner[0]
			return inner
		}
	}
	return []string{plainMessage(err)}
}

// plainMessage is the message of an error, in which the errors of system calls and of the network
// are put in plain words.
func plainMessage(err error) string {
	message := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) {
		before, after, _ := strings.Cut(message, path.Error())
		if !strings.Contains(before, path.Path) {
			before += path.Path + ": "
		}
		message = before + plainReason(path.Err) + after
	}
	var op *net.OpError
	if errors.As(err, &op) {
		message = strings.Replace(message, op.Error(), plainReason(op.Err), 1)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		message = endOfFile.ReplaceAllString(message, "it is empty or cut off")
	}
	return message
}

var endOfFile = regexp.MustCompile(`(unexpected )?EOF$`)

func plainReason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or directory: check the path"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied: change its permissions, or run as another user"
	case errors.Is(err, syscall.EISDIR):
		return "it is a directory: give a file"
	case errors.Is(err, syscall.ENOTDIR):
		return "it is not a directory: check the path"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "the name " + dns.Name + " cannot be resolved"
	}
	return err.Error()
}

// BadInput gives an error about a file the exit code of one, unless the machine is at fault.
func BadInput(path string, err error) error {
	var bad *schemas.BadInputError
	if err == nil || errors.As(err, &bad) || corpus.Temporary(err) {
		return err
	}
	return &schemas.BadInputError{Path: path, Err: err}
}
