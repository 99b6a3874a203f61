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

// ErrNotNow says that the packages cannot be had now: Python or its package client is missing, or
// the network is.
var ErrNotNow = errors.New("the package cannot be fetched now")

// A Fetcher puts the packages of a requirements file into a folder, as wheels.
type Fetcher func(ctx context.Context, requirements, folder string) error

// Pip returns the Fetcher that runs Python's package client. What it says about its progress goes
// to w, unless that is nil.
func Pip(w io.Writer) Fetcher {
	return func(ctx context.Context, requirements, folder string) error {
		python, err := exec.LookPath("python3")
		if err != nil {
			return fmt.Errorf("%w: there is no python3: install Python 3 with pip", ErrNotNow)
		}
		args := []string{
			"-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes",
			"--only-binary=:all:", "--dest", folder, "--requirement", requirements,
		}
		if w == nil {
			args = append(args, "--quiet")
		}
		var said bytes.Buffer
		pip := exec.CommandContext(ctx, python, args...)
		pip.Stdout, pip.Stderr = w, &said
		err = pip.Run()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("%w: %s", ErrNotNow, classify(said.String(), err))
		}
		return nil
	}
}

// blame finds in what pip said the one line that tells what is wrong.
func classify(said string, err error) string {
	line := ""
	for l := range strings.Lines(said) {
		l = strings.TrimSpace(l)
		switch {
		case strings.Contains(l, "No module named pip"):
			return "python3 has no pip: install it (python3 -m ensurepip, or the package python3-pip)"
		case strings.Contains(l, "DO NOT MATCH THE HASHES"):
			return "pip: a package is not the one that this pubmine expects: an index or a proxy gives another file"
		case strings.HasPrefix(l, "ERROR:"):
			line = strings.TrimSpace(strings.TrimPrefix(l, "ERROR:"))
		}
	}
	if line == "" {
		line = err.Error()
	}
	return fmt.Sprintf("pip: %.300s: is there a network, and a wheel for this machine?", line)
}
