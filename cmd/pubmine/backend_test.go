package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/pjrt"
)

func TestBackendInstall(t *testing.T) {
	var out, printed bytes.Buffer
	std := streams{out: &out, err: &printed}
	failing := func(err error) pjrt.Fetcher { return func(context.Context, string, string) error { return err } }
	for _, test := range []struct {
		fetch pjrt.Fetcher
		code  int
	}{{failing(pjrt.ErrNotNow), exit.Again}, {failing(errors.New("x")), exit.Failure}} {
		c := installCommand{fetch: test.fetch, folder: t.TempDir()}
		if _, err := pjrt.Install(context.Background(), t.TempDir(), pjrt.CPU, test.fetch); errors.Is(
			err, pjrt.ErrPlatform,
		) {
			t.Skip(err)
		}
		if err := c.Run(context.Background(), std); exit.Code(err) != test.code || out.Len() > 0 {
			t.Errorf("%v, printed %s", err, out.String())
		}
	}
	if !strings.Contains(printed.String(), "downloading lammps-jax-pjrt-cpu==") {
		t.Error(printed.String())
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	err := executed(t, context.Background(), []string{"backend", "install", "--cuda"}, std)
	if exit.Code(err) != exit.Again || !strings.Contains(err.Error(), "install Python 3") {
		t.Error(err)
	}
	if err := executed(t, context.Background(), []string{"backend", "install", "--cuda", "--cpu"}, std); exit.Code(
		err,
	) != exit.Misuse {
		t.Error(err)
	}
}
