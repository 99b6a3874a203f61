//go:build darwin || freebsd || linux

package store

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"
)

// Free returns the number of bytes that may be written below a directory, which need not exist; -1
// if that is not known.
func Free(dir string) int64 {
	path, err := filepath.Abs(dir)
	for err == nil {
		var s syscall.Statfs_t
		err := syscall.Statfs(path, &s)
		if err == nil {
			return int64(s.Bavail) * int64(s.Bsize)
		}
		if parent := filepath.Dir(path); errors.Is(err, fs.ErrNotExist) && parent != path {
			path = parent
			continue
		}
		return -1
	}
	return -1
}
