package loop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"testing/fstest"
)

// errOff is the error of every change after the crash.
var errOff = errors.New("crashed")

// memFiles is a Files in memory that can fail as in a crash.
type memFiles struct {
	fstest.MapFS
	// changes counts the files that were written or removed.
	changes int
	// off, unless zero, is the number of the change at which the machine crashes: neither that nor
	// any later one is made.
	off int
}

func newFiles() *memFiles { return &memFiles{MapFS: fstest.MapFS{}} }

// Write makes or replaces a file.
func (f *memFiles) Write(name string, write func(io.Writer) error) (string, error) {
	var data bytes.Buffer
	if err := write(&data); err != nil {
		return "", err
	}
	err := f.change(func() { f.MapFS[name] = &fstest.MapFile{Data: data.Bytes(), Mode: 0o644} })
	sum := sha256.Sum256(data.Bytes())
	return hex.EncodeToString(sum[:]), err
}

// Remove removes a file.
func (f *memFiles) Remove(name string) error {
	return f.change(func() { delete(f.MapFS, name) })
}

func (f *memFiles) names() (names []string) {
	entries, _ := fs.ReadDir(f.MapFS, ".") // a map has no errors
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (f *memFiles) change(do func()) error {
	f.changes++
	if f.off > 0 && f.changes >= f.off {
		return errOff
	}
	do()
	return nil
}
