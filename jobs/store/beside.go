package store

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrTaken means that the name of a new file is taken.
var ErrTaken = errors.New("exists already: name another file, or remove it")

// CreateNew is CreateBeside for a file that does not exist yet: [ErrTaken].
func CreateNew(path string) (*File, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s %w", path, ErrTaken)
	}
	return CreateBeside(path)
}

// CreateBeside begins a file in a directory that is no tree of pubmine's: the file that a user
// names. Its temporary name is hidden in the same directory. The caller ends it with PublishNew,
// the key of which is the base name of the path, or with Discard.
func CreateBeside(path string) (*File, error) {
	d := New(filepath.Dir(path), nil)
	temp := d.Path("." + filepath.Base(path) + "." + rand.Text())
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		failed.Path = path
	}
	if err != nil {
		return nil, classify(err)
	}
	return &File{dir: d, file: f, path: temp, sum: sha256.New()}, nil
}

// PublishNew is Publish for a name that must not be taken: [ErrTaken].
func (f *File) PublishNew(key string) error {
	defer f.Discard()
	if err := f.Seal(); err != nil {
		return err
	}
	target := f.dir.Path(key)
	err := f.dir.run("link", target, func() error { return os.Link(f.path, target) })
	if linksUnsupported(err) {
		if _, missing := os.Lstat(target); missing != nil {
			return f.Publish(key)
		}
		err = fs.ErrExist
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s %w", target, ErrTaken)
	}
	if err != nil {
		return err
	}
	return f.dir.syncDir(".")
}
