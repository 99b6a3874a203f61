package vocabulary

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// input is the file of a source, decompressed.
type input struct {
	path string
	file *os.File
	sum  hash.Hash
	r    *bufio.Reader
	line int
}

// openInput opens a file of the sources in the first of the directories that has it.
func openInput(dirs []string, name string) (*input, error) {
	var f *os.File
	var path string
	var missing error
	for _, dir := range dirs {
		path = filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s: it is not a regular file", path)
		}
		if err == nil {
			f, err = os.Open(path)
		}
		if err == nil {
			break
		}
		missing = cmp.Or(missing, err)
	}
	if f == nil {
		return nil, fmt.Errorf("%w: correct the recipe, or give the directory with --sources", missing)
	}
	in := &input{path: path, file: f, sum: sha256.New()}
	raw := bufio.NewReaderSize(io.TeeReader(f, in.sum), 1<<16)
	in.r = raw
	if head, err := raw.Peek(2); err == nil && bytes.Equal(head, []byte{0x1f, 0x8b}) {
		zip, err := gzip.NewReader(raw)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w: download it again", path, err), f.Close())
		}
		in.r = bufio.NewReaderSize(zip, 1<<16)
	}
	return in, nil
}

// maxLine bounds the memory for a line.
const maxLine = 1 << 24

// next returns the next line without its end, or io.EOF.
func (in *input) next() (string, error) {
	var line []byte
	for {
		part, err := in.r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil, err == io.EOF && len(line) > 0:
			in.line++
			return strings.TrimRight(string(line), "\r\n"), nil
		case err == io.EOF:
			return "", io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", fmt.Errorf("%s: line %d: %w: download it again", in.path, in.line+1, err)
		case len(line) > maxLine:
			return "", fmt.Errorf("%s: line %d: longer than %d bytes", in.path, in.line+1, maxLine)
		}
	}
}

// each calls do with each line.
func (in *input) each(do func(line string) error) error {
	for {
		line, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(line); err != nil {
			return err
		}
	}
}

// fail returns an error about the line that was read last.
func (in *input) fail(format string, args ...any) error {
	return fmt.Errorf("%s: line %d: %w", in.path, in.line, fmt.Errorf(format, args...))
}

// close closes the file and returns its checksum.
func (in *input) close() (string, error) {
	if _, err := io.Copy(io.Discard, in.file); err != nil { // what the reader left
		return "", err
	}
	return hex.EncodeToString(in.sum.Sum(nil)), in.file.Close()
}
