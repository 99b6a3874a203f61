package weights

import (
	"fmt"
	"io"
	"io/fs"
)

// Opened is an open file that is read at any place.
type Opened struct {
	io.ReaderAt
	io.Closer
	Size int64
}

// OpenAt opens a file that is read where it is needed: a plain file of a directory, at the end of
// links too, or of the program itself.
func OpenAt(fsys fs.FS, name string) (*Opened, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is no plain file", name)
	}
	in, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	at, ok := in.(io.ReaderAt)
	if !ok {
		in.Close()
		return nil, fmt.Errorf("%s: it cannot be read at any place", name)
	}
	return &Opened{ReaderAt: at, Closer: in, Size: info.Size()}, nil
}

// OpenFS opens a safetensors file of a file system. Tensors are read from the file when they are
// asked for, so it must stay open until close is called.
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
