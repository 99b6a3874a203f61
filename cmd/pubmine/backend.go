package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/pjrt"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/store"
)

// backendCommand is pubmine backend.
type backendCommand struct {
	Install installCommand `cmd:"" help:"Fetch an XLA plugin for the processor or for NVIDIA's devices."`
}

// installCommand is pubmine backend install.
type installCommand struct {
	CPU  bool `name:"cpu" xor:"kind" help:"The plugin for the processor: 63 MB (the default)."`
	CUDA bool `name:"cuda" xor:"kind" help:"The plugin for NVIDIA's devices, with their libraries: 3.2 GB, 4.3 GB unpacked, for a driver of version 525 or newer."`

	fetch  pjrt.Fetcher // pip but in tests
	folder string       // the user's but in tests
}

// Help is the second half of pubmine backend install --help.
func (*installCommand) Help() string {
	return `Python's package client (python3 -m pip) fetches the package that carries the plugin; its sha256 is compared before anything of it is
taken. The plugin is put below the user's cache folder, in pubmine/pjrt, where every run finds it. Remove it there to be rid of it.

` + exitHelp
}

// Run runs the command.
func (c *installCommand) Run(ctx context.Context, std streams) error {
	kind := pjrt.CPU
	if c.CUDA {
		kind = pjrt.CUDA
	}
	fetch, folder, err := c.fetch, c.folder, error(nil)
	if fetch == nil {
		fetch = pjrt.Pip(progressOf(std.err))
	}
	if folder == "" {
		if folder, err = pjrt.Folder(); err != nil {
			return err
		}
	}
	fmt.Fprintf(std.err, "pubmine: fetching %s\n", strings.Join(kind.Packages(), ", "))
	plugin, err := pjrt.Install(ctx, folder, kind, fetch)
	switch {
	case ctx.Err() != nil:
		return &jobs.StoppedError{Cause: context.Cause(ctx)}
	case errors.Is(err, pjrt.ErrPlatform):
		return usage("backend install: %w", err)
	case errors.Is(err, pjrt.ErrNotNow), errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrNoSpace):
		return laterError{fmt.Errorf("backend install: %w", err)}
	case err != nil:
		return fmt.Errorf("backend install: %w", err)
	}
	_, err = fmt.Fprintln(std.out, plugin)
	return err
}

// progressOf is where a program may draw: a terminal, or nothing.
func progressOf(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return w
	}
	return nil
}
