// Package store keeps files so that a crash at any moment leaves each of them whole or absent.
//
// A [Dir] is a directory tree on a POSIX file system, local or NFS. Files are named by keys:
// slash-separated paths relative to its root. A file is published in five steps, as in restic's
// local backend: write a temporary file on the same file system, fsync it, close it (where NFS
// reports errors), rename it, fsync the directory. Temporary files are below [Temp]; those that a
// crash leaves there may be removed. Directories are created as needed, durably.
//
// [Dir.PutIfAbsent] takes a name only once, by link(2), which is atomic on NFS too. On file systems
// without hard links it creates the file exclusively, and a crash may leave it torn: readers must
// check its content.
//
// A failed fsync is never repeated on the same file, because the kernel may have dropped the pages
// that it could not write. The file is discarded and the error returned.
//
// Errors: [ErrNoSpace] for a full disk or quota, [ErrIO] for a fault of the disk, fs.ErrNotExist
// for a missing file, fs.ErrExist for a taken name, [ErrLocked] for a lock that another process
// holds.
package store
