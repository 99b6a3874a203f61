// Package store keeps files so that a crash at any moment leaves each of them whole or absent.
//
// A [Dir] is a directory tree on a POSIX file system, local or NFS. Files are named by keys:
// slash-separated paths relative to its root. A file is published in five steps, after restic's
// local backend: write a temporary file on the same file system, fsync it, close it (where NFS
// reports what went wrong), rename it to its name, fsync the directory. The temporary files stand
// under [Temp]; what a crash leaves there is rubbish. Directories are made as needed, and the entry
// of a new one is fsynced too.
//
// A name that may be taken only once ([Dir.PutIfAbsent]) is taken by link(2), which is atomic also
// on NFS; where the file system has no hard links, by creating the file exclusively, and then a
// crash may leave it torn: readers must check what they read.
//
// An fsync that failed is never tried again on the same file: the kernel may have dropped the pages
// it could not write. The file is given up and the error returned.
//
// Errors: a full disk or quota is [ErrNoSpace], a disk that reports a fault is [ErrIO]; a missing
// file is fs.ErrNotExist, a taken name fs.ErrExist, a lock held by another process [ErrLocked].
package store
