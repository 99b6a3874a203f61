package weights

import (
	"fmt"
	"io"
	"io/fs"
)

// Opened is an open file with random access.
type Opened struct {
	io.ReaderAt
	io.Closer
	Size int64
}

// OpenAt opens a file for random access: a regular file of a directory, also through symbolic
// links, or an embedded file.
func OpenAt(fsys fs.FS, name string) (*Opened, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is not a regular file: replace it by one", name)
	}
	in, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	at, ok := in.(io.ReaderAt)
	if !ok {
		in.Close()
		return nil, fmt.Errorf("%s: it has no random access", name)
	}
	return &Opened{ReaderAt: at, Closer: in, Size: info.Size()}, nil
}

// OpenFS opens a safetensors file of a file system. Tensors are read from the file when they are
// requested, so it stays open until close is called.
func OpenFS(fsys fs.FS, name string) (file *File, close func() error, err error) {
	in, err := OpenAt(fsys, name)
	if err != nil {
		return nil, nil, err
	}
	if file, err = Open(in, in.Size); err != nil {
		in.Close()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, in.Close, nil
}
