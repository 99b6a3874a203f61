package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
)

// Temp is the key of the directory of temporary files.
const Temp = "meta/tmp"

var (
	// ErrNoSpace reports that the disk or the user's quota is full. Nothing is half-written; the
	// same operation succeeds once there is room.
	ErrNoSpace = errors.New("the disk is full: make room and run again")
	// ErrIO reports a fault of the disk.
	ErrIO = errors.New("the disk reports a fault")
	// ErrLocked reports that another process holds the lock.
	ErrLocked = errors.New("locked by another process")
)

// Dir is a directory tree in which every file is whole or absent.
type Dir struct {
	root  string
	fault func(op, path string) error
}

// New returns the tree below root, which need not exist. fault, unless nil, is called before every
// I/O with the operation ("write", "rename", …) and the path; an error that it returns takes the
// place of one of the operating system.
func New(root string, fault func(op, path string) error) *Dir {
	if fault == nil {
		fault = func(string, string) error { return nil }
	}
	return &Dir{root: root, fault: fault}
}

// Path returns the path of the file named key.
func (d *Dir) Path(key string) string { return filepath.Join(d.root, filepath.FromSlash(key)) }

// run does one I/O, or fails in its place, and classifies the error.
func (d *Dir) run(op, path string, io func() error) error {
	err := d.fault(op, path)
	if err == nil {
		err = io()
	}
	return classify(err)
}

func classify(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	case errors.Is(err, syscall.EIO):
		return fmt.Errorf("%w: %w", ErrIO, err)
	}
	return err
}

// Put writes a whole file and replaces any file of that name.
func (d *Dir) Put(key string, data []byte) error {
	f, err := d.write(data)
	if err != nil {
		return err
	}
	return f.Publish(key)
}

// write leaves data in a sealed temporary file.
func (d *Dir) write(data []byte) (*File, error) {
	f, err := d.Create()
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(data); err != nil {
		f.Discard()
		return nil, err
	}
	return f, f.Seal()
}

// PutIfAbsent writes a whole file unless the name is taken, which is fs.ErrExist.
func (d *Dir) PutIfAbsent(key string, data []byte) error {
	if err := d.mkdir(path.Dir(key)); err != nil {
		return err
	}
	f, err := d.write(data)
	if err != nil {
		return err
	}
	defer f.Discard()
	target := d.Path(key)
	err = d.run("link", target, func() error { return os.Link(f.path, target) })
	switch {
	case err == nil:
	case linksUnsupported(err):
		if err := d.putExclusive(target, data); err != nil {
			return err
		}
	case errors.Is(err, fs.ErrExist) && sameFile(f.path, target):
		// NFS may answer "exists" to the retransmission of a call that had succeeded.
	default:
		return err
	}
	return d.syncDir(path.Dir(key))
}

// Link gives a file a second name, and replaces any file of that name. Where the file system has no
// hard links the second name is that of a copy. The name is not durable: see SyncDir.
func (d *Dir) Link(from, to string) error {
	if err := d.mkdir(path.Dir(to)); err != nil {
		return err
	}
	if err := d.mkdir(Temp); err != nil {
		return err
	}
	temp, target := d.temporary(), d.Path(to)
	err := d.run("link", target, func() error { return os.Link(d.Path(from), temp) })
	if linksUnsupported(err) {
		return d.copy(from, to)
	}
	if err != nil {
		return err
	}
	// If both are names of one file already, rename does nothing.
	err = d.run("rename", target, func() error { return os.Rename(temp, target) })
	if removing := os.Remove(temp); err == nil && !errors.Is(removing, fs.ErrNotExist) {
		err = removing
	}
	return err
}

func (d *Dir) copy(from, to string) error {
	in, err := d.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := d.Create()
	if err != nil {
		return err
	}
	defer out.Discard()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Publish(to)
}

// Symlink makes a symbolic link to another key, durably, and replaces any link of that name.
func (d *Dir) Symlink(target, key string) error {
	relative, err := filepath.Rel(filepath.Dir(d.Path(key)), d.Path(target))
	if err != nil {
		return err
	}
	if err := d.mkdir(Temp); err != nil {
		return err
	}
	temp := d.temporary()
	if err := d.run("symlink", d.Path(key), func() error { return os.Symlink(relative, temp) }); err != nil {
		return err
	}
	if err := d.run("rename", d.Path(key), func() error { return os.Rename(temp, d.Path(key)) }); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return d.syncDir(path.Dir(key))
}

// SameFile reports whether two keys are names of one file.
func (d *Dir) SameFile(a, b string) bool { return sameFile(d.Path(a), d.Path(b)) }

func linksUnsupported(err error) bool {
	return slices.ContainsFunc(
		[]error{syscall.EPERM, syscall.ENOTSUP, syscall.EOPNOTSUPP, syscall.ENOSYS, syscall.EMLINK, syscall.EXDEV},
		func(e error) bool { return errors.Is(err, e) },
	)
}

func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

func (d *Dir) putExclusive(target string, data []byte) error {
	var f *os.File
	err := d.run("create", target, func() (err error) {
		f, err = os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		return err
	})
	if err != nil {
		return err
	}
	file := &File{dir: d, file: f, path: target}
	if _, err = file.Write(data); err == nil {
		err = file.Seal()
	}
	if err != nil {
		file.Discard()
	}
	return err
}

// Rename makes the content of a file durable and gives it another name, replacing any file of that
// name. It is for files that were written in place, such as downloads that a later process resumes.
func (d *Dir) Rename(from, to string) error {
	f, err := d.Open(from)
	if err != nil {
		return err
	}
	err = d.run("sync", f.Name(), func() error { return tolerateUnsupported(f.Sync()) })
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := d.mkdir(path.Dir(to)); err != nil {
		return err
	}
	if err := d.run("rename", d.Path(to), func() error { return os.Rename(d.Path(from), d.Path(to)) }); err != nil {
		return err
	}
	return d.syncDir(path.Dir(to))
}

// Get reads a whole file.
func (d *Dir) Get(key string) (data []byte, err error) {
	err = d.run("read", d.Path(key), func() error {
		data, err = os.ReadFile(d.Path(key))
		return err
	})
	return data, err
}

// Open opens a file for reading. The caller closes it.
func (d *Dir) Open(key string) (f *os.File, err error) {
	err = d.run("open", d.Path(key), func() error {
		f, err = os.Open(d.Path(key))
		return err
	})
	return f, err
}

// Stat returns the size of a file and when it last changed.
func (d *Dir) Stat(key string) (info fs.FileInfo, err error) {
	err = d.run("stat", d.Path(key), func() error {
		info, err = os.Stat(d.Path(key))
		return err
	})
	return info, err
}

// List returns the keys of all files below a key, in lexical order; none when it does not exist.
func (d *Dir) List(key string) (keys []string, err error) {
	err = d.run("list", d.Path(key), func() error {
		return filepath.WalkDir(d.Path(key), func(p string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || e.IsDir() {
				return err
			}
			rel, err := filepath.Rel(d.root, p)
			keys = append(keys, filepath.ToSlash(rel))
			return err
		})
	})
	slices.Sort(keys)
	return keys, err
}

// Remove removes a file, or a directory with all files below it. It is no error if there is none.
func (d *Dir) Remove(key string) error {
	entries, err := os.ReadDir(d.Path(key))
	if err == nil {
		for _, e := range entries {
			if err := d.Remove(path.Join(key, e.Name())); err != nil {
				return err
			}
		}
	}
	return d.run("remove", d.Path(key), func() error {
		if err := os.Remove(d.Path(key)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// mkdir creates a directory and its missing parents, durably.
func (d *Dir) mkdir(key string) error {
	if _, err := os.Stat(d.Path(key)); err == nil {
		return nil
	}
	if key == "." {
		return d.run("mkdir", d.root, func() error { return os.MkdirAll(d.root, 0o777) })
	}
	if err := d.mkdir(path.Dir(key)); err != nil {
		return err
	}
	err := d.run("mkdir", d.Path(key), func() error { return os.Mkdir(d.Path(key), 0o777) })
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.syncDir(path.Dir(key))
}

// SyncDir makes the names in a directory durable: those of removed files, too, which Remove leaves
// to the system.
func (d *Dir) SyncDir(key string) error { return d.syncDir(key) }

// syncDir makes the names in a directory durable. File systems that cannot do that are tolerated.
func (d *Dir) syncDir(key string) error {
	return d.run("syncdir", d.Path(key), func() error {
		f, err := os.Open(d.Path(key))
		if err != nil {
			return err
		}
		defer f.Close()
		return tolerateUnsupported(f.Sync())
	})
}

func tolerateUnsupported(err error) error {
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
