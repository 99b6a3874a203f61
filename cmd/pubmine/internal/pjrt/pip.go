package pjrt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// ErrNotNow means that the packages cannot be downloaded now: Python, its package client or the
// network is missing.
var ErrNotNow = errors.New("the package cannot be downloaded now")

// A Fetcher downloads the packages of a requirements file into a folder, as wheels.
type Fetcher func(ctx context.Context, requirements, folder string) error

// Pip returns the Fetcher that runs Python's package client, which prints its progress to w unless
// that is nil.
func Pip(w io.Writer) Fetcher {
	return func(ctx context.Context, requirements, folder string) error {
		python, err := exec.LookPath("python3")
		if err != nil {
			return fmt.Errorf("%w: python3 is not installed: install Python 3 with pip", ErrNotNow)
		}
		args := []string{
			"-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes",
			"--only-binary=:all:", "--retries", "2", "--dest", folder, "--requirement", requirements,
		}
		if w == nil {
			args = append(args, "--quiet")
		}
		var messages bytes.Buffer
		pip := exec.CommandContext(ctx, python, args...)
		pip.Stdout, pip.Stderr = w, &messages
		err = pip.Run()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("%w: %s", ErrNotNow, classify(messages.String(), err))
		}
		return nil
	}
}

// classify finds the reason of a failure in the messages of pip.
func classify(messages string, err error) string {
	line := ""
	for l := range strings.Lines(messages) {
		l = strings.TrimSpace(l)
		switch {
		case strings.Contains(l, "No module named pip"):
			return "python3 has no pip: install it (python3 -m ensurepip, or the package python3-pip)"
		case strings.Contains(l, "NewConnectionError"), strings.Contains(l, "NameResolutionError"):
			return "pip cannot reach a package index: check the network and the proxy settings"
		case strings.Contains(l, "DO NOT MATCH THE HASHES"):
			return "pip: the sha256 of a package differs from the expected one: check the package index and the proxy"
		case strings.HasPrefix(l, "ERROR:"):
			line = strings.TrimSpace(strings.TrimPrefix(l, "ERROR:"))
		}
	}
	if line == "" {
		line = err.Error()
	}
	return fmt.Sprintf("pip: %.300s: check that the package index has a wheel for this machine", line)
}
