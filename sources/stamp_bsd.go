//go:build darwin || freebsd || netbsd

package sources

import (
	"io/fs"
	"syscall"
	"time"
)

// inodeOf returns the inode of a file and the time of its last change.
func inodeOf(info fs.FileInfo) (inode uint64, changed time.Time) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, info.ModTime()
	}
	return uint64(s.Ino), time.Unix(s.Ctimespec.Unix())
}
