package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/pubmine/pubmine/schemas"
)

// stdin is the path of standard input, which "-" refers to.
const stdin = "/dev/stdin"

// isStream reports whether a file can be read only once, from its beginning to its end.
func isStream(path string, mode fs.FileMode) bool {
	return path == stdin || mode&(fs.ModeNamedPipe|fs.ModeCharDevice|fs.ModeSocket) != 0
}

// stream is an input that can be read only once: standard input, a FIFO. On its first use it is
// copied to a temporary file, from which digest and documents are read.
type stream struct {
	path string

	mu   sync.Mutex
	copy *spooled // nil before the first use
	err  error
}

// spooled is the copy of a stream.
type spooled struct {
	io.ReaderAt
	size   int64
	digest string // sha256 in hex
}

// spool returns the copy of the stream. It returns early when ctx is done: opening and reading a
// stream cannot be interrupted, so that copying then ends with the program.
func (s *stream) spool(ctx context.Context) (*spooled, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil || s.copy != nil || s.err != nil {
		return s.copy, errors.Join(err, s.err)
	}
	done := make(chan struct{})
	var copied *spooled
	var err error
	go func() {
		defer close(done)
		copied, err = spoolFile(s.path)
	}()
	select {
	case <-ctx.Done():
		s.err = ctx.Err() // its beginning may be lost
	case <-done:
		s.copy, s.err = copied, err
	}
	return s.copy, s.err
}

// spoolFile copies a file to a temporary file without a name, which the system removes when the
// program ends.
func spoolFile(path string) (*spooled, error) {
	from := os.Stdin
	if path != stdin {
		var err error
		if from, err = os.Open(path); err != nil {
			return nil, unreadable(path, err)
		}
		defer from.Close()
	}
	to, err := os.CreateTemp("", "pubmine-input-*")
	if err != nil {
		return nil, fmt.Errorf("%s: no temporary file: %w", path, err)
	}
	if err := os.Remove(to.Name()); err != nil {
		return nil, errors.Join(err, to.Close())
	}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(to, sum), reader{context.Background(), path, from})
	if bad := (*schemas.BadInputError)(nil); errors.As(err, &bad) {
		return nil, errors.Join(bad, to.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: copying it to %s (TMPDIR): %w", path, to.Name(), err), to.Close())
	}
	return &spooled{to, size, hex.EncodeToString(sum.Sum(nil))}, nil
}

// open returns the content of a unit's file, from the copy if it is a stream.
func (s *FileSource) open(ctx context.Context, path string) (io.ReadCloser, error) {
	if err := s.unlisted[path]; err != nil {
		return nil, unreadable(path, err)
	}
	if in, ok := s.streams[path]; ok {
		content, err := in.spool(ctx)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(io.NewSectionReader(content, 0, content.size)), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return f, nil
}
