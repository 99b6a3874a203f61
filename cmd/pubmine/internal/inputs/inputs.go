// Package inputs opens the inputs of commands: files, standard input and named pipes.
package inputs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/schemas"
)

// Read opens an input, - for standard input, and calls read with the name for messages.
func Read(name string, read func(string, io.Reader) error) error {
	if name == "-" {
		return read("standard input", os.Stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return exit.UsageError{Err: err}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return exit.Usage("%s: it is a directory: give a file", name)
	}
	return read(name, f)
}

// WithFile calls read with a path that can be opened repeatedly: standard input and named pipes are
// copied to a temporary file.
func WithFile(name string, read func(path string) error) error {
	info, err := os.Stat(name)
	if name != "-" && (err != nil || info.IsDir() || info.Mode().IsRegular()) {
		return missing(read(name))
	}
	dir, err := os.MkdirTemp("", "pubmine-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "stdin")
	err = Read(name, func(shown string, in io.Reader) error {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, in)
		name = shown
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return err
	}
	err = read(path)
	var bad *schemas.BadInputError
	if errors.As(err, &bad) && bad.Path == path {
		bad.Path = name
	}
	return err
}

// missing makes a usage error of an error about a file that does not exist.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return exit.UsageError{Err: err}
	}
	return err
}
