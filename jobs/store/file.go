package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"os"
	"path"
	"path/filepath"
)

// File is a file being written. It has a temporary name below [Temp] until [File.Publish] renames
// it.
type File struct {
	dir  *Dir
	file *os.File // nil once sealed
	path string   // empty once published
	sum  hash.Hash
	size int64
}

// Create begins a file. The caller ends it with Publish or Discard.
func (d *Dir) Create() (*File, error) {
	if err := d.mkdir(Temp); err != nil {
		return nil, err
	}
	var f *os.File
	err := d.run("create", d.Path(Temp), func() (err error) {
		// Not os.CreateTemp, whose files only their owner may read: published files keep their
		// mode, which the umask decides.
		f, err = os.OpenFile(d.temporary(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &File{dir: d, file: f, path: f.Name(), sum: sha256.New()}, nil
}

// temporary returns a new path below Temp.
func (d *Dir) temporary() string { return filepath.Join(d.Path(Temp), rand.Text()) }

// Write appends to the file.
func (f *File) Write(p []byte) (n int, err error) {
	if err := f.dir.fault("write", f.path); err != nil {
		n, _ = f.file.Write(p[:len(p)/2]) // a disk that fills up takes the first half
		return n, classify(err)
	}
	n, err = f.file.Write(p)
	if f.sum != nil {
		f.sum.Write(p[:n])
	}
	f.size += int64(n)
	return n, classify(err)
}

// Path returns the path of the file before it is published.
func (f *File) Path() string { return f.path }

// Sum returns the sha256, in hex, of what was written.
func (f *File) Sum() string { return hex.EncodeToString(f.sum.Sum(nil)) }

// Size returns the number of bytes written.
func (f *File) Size() int64 { return f.size }

// Seal makes the file's content durable and closes it; Publish then needs no more space. If it
// fails the file is discarded.
func (f *File) Seal() error {
	if f.file == nil {
		return nil
	}
	err := f.dir.run("sync", f.path, func() error { return tolerateUnsupported(f.file.Sync()) })
	closing := f.file.Close()
	if closing = f.dir.run("close", f.path, func() error { return closing }); err == nil {
		err = closing
	}
	f.file = nil
	if err != nil {
		f.Discard()
	}
	return err
}

// Publish renames the file to its name, durably, and replaces any file of that name. If it fails
// the file is discarded.
func (f *File) Publish(key string) error {
	defer f.Discard()
	if err := f.Seal(); err != nil {
		return err
	}
	if err := f.dir.mkdir(path.Dir(key)); err != nil {
		return err
	}
	target := f.dir.Path(key)
	err := f.dir.run("rename", target, func() error { return os.Rename(f.path, target) })
	if err != nil {
		return err
	}
	f.path = ""
	return f.dir.syncDir(path.Dir(key))
}

// Discard removes the file. After Publish it does nothing, so it may always be deferred. A file
// that cannot be removed stays below [Temp], where it does no harm.
func (f *File) Discard() {
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
	if f.path != "" {
		_ = f.dir.run("remove", f.path, func() error { return os.Remove(f.path) })
		f.path = ""
	}
}
