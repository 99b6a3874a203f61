//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sources

import (
	"io/fs"
	"time"
)

// inodeOf returns no inode, and the time at which the content was written.
func inodeOf(info fs.FileInfo) (inode uint64, changed time.Time) { return 0, info.ModTime() }
