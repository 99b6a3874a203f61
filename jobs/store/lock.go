//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"
	"path"
	"syscall"
)

// Lock takes an exclusive lock on the file named key, or returns [ErrLocked] at once. The kernel
// releases it when the process ends.
func (d *Dir) Lock(key string) (release func() error, err error) {
	return d.lock(key, syscall.LOCK_EX|syscall.LOCK_NB)
}

// WaitLock is Lock, but waits for another process to release the lock.
func (d *Dir) WaitLock(key string) (release func() error, err error) {
	return d.lock(key, syscall.LOCK_EX)
}

func (d *Dir) lock(key string, how int) (release func() error, err error) {
	if err := d.mkdir(path.Dir(key)); err != nil {
		return nil, err
	}
	var f *os.File
	err = d.run("lock", d.Path(key), func() error {
		f, err = os.OpenFile(d.Path(key), os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return err
		}
		for err = syscall.EINTR; err == syscall.EINTR; {
			err = syscall.Flock(int(f.Fd()), how)
		}
		if err != nil {
			f.Close()
		}
		return err
	})
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return f.Close, nil
}
