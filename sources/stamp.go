package sources

import (
	"fmt"
	"io/fs"
	"time"
)

// coarsest is the coarsest resolution of the times of a file system, that of FAT.
const coarsest = 2 * time.Second

// stamp returns the stamp of a file: its size, the time at which its content was last written and,
// where the system has them, its inode and the time of the last change of either, which no program
// can set back. A file that was changed just now can change again without another stamp, as far as
// its file system has coarse times; it has none, so that the next run compares its content.
func stamp(info fs.FileInfo, now time.Time) string {
	inode, changed := inodeOf(info)
	if changed.After(now.Add(-coarsest)) {
		return ""
	}
	return fmt.Sprintf("%d-%d-%d-%d", info.Size(), info.ModTime().UnixNano(), inode, changed.UnixNano())
}
