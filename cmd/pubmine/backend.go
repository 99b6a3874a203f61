package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/pjrt"
	"github.com/pubmine/pubmine/jobs/store"
)

// backendCommand groups the commands about backends.
type backendCommand struct {
	Install installCommand `cmd:"" exits:"75" help:"Install the XLA plugin for CPUs or for NVIDIA GPUs."`
}

// Help is the description in pubmine backend --help.
func (*backendCommand) Help() string { return example("pubmine backend install --cuda") }

// installCommand is pubmine backend install.
type installCommand struct {
	CPU  bool `name:"cpu" xor:"kind" help:"The plugin for CPUs: 63 MB (the default)."`
	CUDA bool `name:"cuda" xor:"kind" help:"The plugin for NVIDIA GPUs with its libraries: 3.2 GB, unpacked 4.3 GB; needs driver 525 or newer."`

	fetch  pjrt.Fetcher // replaces pip in tests
	folder string       // replaces the user's folder in tests
}

// Help is the description in pubmine backend install --help.
func (*installCommand) Help() string {
	return example("pubmine backend install --cuda") + `

Python's package client (python3 -m pip) downloads the package with the plugin; its sha256 is
compared before it is unpacked. The plugin goes to pubmine/pjrt in the user's cache directory,
where every run finds it. To uninstall it, remove that directory.`
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
	inert.Fprintf(std.err, "pubmine: downloading %s\n", strings.Join(kind.Packages(), ", "))
	plugin, err := pjrt.Install(ctx, folder, kind, fetch)
	switch {
	case ctx.Err() != nil:
		return exit.Stopped(ctx)
	case errors.Is(err, pjrt.ErrPlatform):
		return exit.Usage("backend install: %w", err)
	case errors.Is(err, pjrt.ErrNotNow), errors.Is(err, store.ErrLocked), errors.Is(err, store.ErrNoSpace):
		return exit.LaterError{Err: fmt.Errorf("backend install: %w", err)}
	case err != nil:
		return fmt.Errorf("backend install: %w", err)
	}
	_, err = fmt.Fprintln(std.out, plugin)
	return err
}

// progressOf returns the terminal of w, if it is one, on which other programs can draw their
// progress.
func progressOf(w io.Writer) io.Writer {
	if f := terminal(w); f != nil {
		return f
	}
	return nil
}
