// Package looptest is a loop.Files in memory, for tests, that can fail like a machine that is
// switched off.
package looptest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"testing/fstest"
)

// ErrOff is what everything returns after the machine is off.
var ErrOff = errors.New("the machine is off")

// Folder is a folder in memory. The zero value is not ready: see New.
type Folder struct {
	fstest.MapFS
	// Changes counts the files that were written or removed.
	Changes int
	// Off, when it is not zero, is the number of the change before which the machine goes off:
	// neither that nor any after it is made.
	Off int
}

// New returns an empty folder.
func New() *Folder { return &Folder{MapFS: fstest.MapFS{}} }

// Write makes or replaces a file.
func (f *Folder) Write(name string, write func(io.Writer) error) (string, error) {
	var data bytes.Buffer
	if err := write(&data); err != nil {
		return "", err
	}
	err := f.change(func() { f.MapFS[name] = &fstest.MapFile{Data: data.Bytes(), Mode: 0o644} })
	sum := sha256.Sum256(data.Bytes())
	return hex.EncodeToString(sum[:]), err
}

// Remove removes a file.
func (f *Folder) Remove(name string) error {
	return f.change(func() { delete(f.MapFS, name) })
}

// Names lists the files.
func (f *Folder) Names() (names []string) {
	entries, _ := fs.ReadDir(f.MapFS, ".") // a map has no errors
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (f *Folder) change(do func()) error {
	f.Changes++
	if f.Off > 0 && f.Changes >= f.Off {
		return ErrOff
	}
	do()
	return nil
}
