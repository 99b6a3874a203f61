package weights

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
)

// OpenFS opens a safetensors file of a file system. Tensors are read from the file when they are asked for, so it must stay open until
// close is called; a file that cannot be read at any place, unlike those of a directory or of the program, is read whole.
func OpenFS(fsys fs.FS, name string) (file *File, close func() error, err error) {
	in, err := fsys.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			in.Close()
		}
	}()
	info, err := in.Stat()
	if err != nil {
		return nil, nil, err
	}
	r, size := io.ReaderAt(nil), info.Size()
	if at, ok := in.(io.ReaderAt); ok {
		r = at
	} else {
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		r, size = bytes.NewReader(data), int64(len(data))
	}
	if file, err = Open(r, size); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, in.Close, nil
}
