package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"syscall"

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
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/fetch"
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

// exitCodes returns all exit codes in order.
func exitCodes() []int {
	return []int{exitDone, exitFailed, exitUsage, exitRejects, exitInput, exitBug, exitAgain}
}

// exitMeaning explains an exit code to the users.
func exitMeaning(code int) string {
	switch code {
	case exitDone:
		return "success"
	case exitFailed:
		return "failure"
	case exitUsage:
		return "wrong use of the command line"
	case exitRejects:
		return "finished, but the share of rejected records exceeds --max-rejects"
	case exitInput:
		return "an input is invalid: replace it before you run the command again"
	case exitBug:
		return "internal error: please report it"
	case exitAgain:
		return "stopped or not possible now (signal, full disk, no network, lock): run it again later"
	}
	return "unknown"
}

// usageError is a wrong use of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// rejectsError means that too many records were rejected.
type rejectsError struct {
	share, allowed float64
}

func (e rejectsError) Error() string {
	return fmt.Sprintf(
		"rejects: %.1f%% of the records, more than the %.1f%% allowed: see table rejects, or raise --max-rejects",
		100*e.share, 100*e.allowed,
	)
}

// stopped is the error of a command that a signal ended.
func stopped(ctx context.Context) error { return &jobs.StoppedError{Cause: context.Cause(ctx)} }

// laterError means that the same command may succeed later, or when what its message names is fixed.
type laterError struct{ error }

func (e laterError) Unwrap() error { return e.error }

// inputErrors are the invalid inputs of a run.
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

func (e *defect) Error() string { return fmt.Sprintf("internal error: %v", e.value) }

// misused reports whether an error of another package means a wrong use of the command line.
func misused(err error) bool {
	return slices.ContainsFunc([]error{
		modeldir.ErrTaken, modeldir.ErrComplete, models.ErrExists, models.ErrTemplate, train.ErrPlan, lm.ErrPlan,
		prompttuning.ErrPlan, loop.ErrOther, dataset.ErrNoSplit,
	}, func(e error) bool { return errors.Is(err, e) })
}

// temporary reports whether the same command may succeed later.
func temporary(err error) bool {
	return errors.Is(err, context.Canceled) || corpus.Temporary(err) || errors.Is(err, store.ErrLocked) ||
		errors.Is(err, fetch.ErrNetwork)
}

// exitCode is the exit code of a command that returned err.
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
	case errors.As(err, &stopped), errors.As(err, &later), temporary(err):
		return exitAgain
	case errors.As(err, &use), errors.As(err, &request), misused(err):
		return exitUsage
	case errors.As(err, &inputs), errors.As(err, &bad):
		return exitInput
	case errors.As(err, &rejects):
		return exitRejects
	}
	return exitFailed
}

// report prints an error, one line per joined error, and returns the exit code.
func report(w io.Writer, err error) int {
	code := exitCode(err)
	if err == nil {
		return code
	}
	for line := range strings.Lines(plainMessage(err)) {
		fmt.Fprintf(w, "pubmine: %s\n", strings.TrimSpace(line))
	}
	var (
		bug     *defect
		panicky *pipeline.PanicError
	)
	switch {
	case errors.As(err, &bug):
		fmt.Fprintf(w, "This is a bug of pubmine. Please report it with this trace:\n%s", bug.stack)
	case errors.As(err, &panicky):
		fmt.Fprintf(w, "This is a bug of pubmine. Please report it with this trace:\n%s", panicky.Stack)
	}
	return code
}

// plainMessage is the message of an error, in which that of a system call is put in plain words.
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
	return message
}

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
	}
	return err.Error()
}
