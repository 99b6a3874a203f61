package main

import (
	"errors"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
)

// streams are the output streams of a command.
type streams struct{ out, err io.Writer }

// guarded returns streams through which no text can act on a terminal (package inert), and a
// function that ends them.
func (s streams) guarded() (streams, func() error) {
	out, messages := inert.NewWriter(s.out), inert.NewMessageWriter(s.err)
	return streams{out, messages}, func() error { return errors.Join(out.Flush(), messages.Flush()) }
}

// unguarded returns the output behind a guarded stream, for what draws: it must make texts inert
// itself.
func unguarded(w io.Writer) io.Writer {
	if guard, ok := w.(*inert.Writer); ok {
		return guard.Unwrap()
	}
	return w
}

// terminal returns the terminal behind a stream, nil if there is none.
func terminal(w io.Writer) *os.File {
	if f, ok := unguarded(w).(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}
