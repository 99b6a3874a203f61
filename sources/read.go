package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// Units lists the files.
func (s *FileSource) Units(ctx context.Context) ([]schemas.Unit, error) {
	return slices.Clone(s.units), ctx.Err()
}

// Digest returns the sha256 of a file's bytes in hex.
func (s *FileSource) Digest(ctx context.Context, u schemas.Unit) (string, error) {
	if in, ok := s.streams[u.Path]; ok {
		content, err := in.spool(ctx)
		if err != nil {
			return "", err
		}
		return content.digest, nil
	}
	f, err := s.open(ctx, u.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader{ctx, u.Path, f}); err != nil {
		return "", err
	}
	digest := hex.EncodeToString(hash.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.digests[u.Path] = digest
	return digest, nil
}

// ErrChanged means that a file was changed while it was read. Another run can read it.
var ErrChanged = errors.New("the file was changed while it was read: run again")

// Documents decodes a file. If its content is not that of the last Digest, or if it cannot be
// decoded and was changed since it was listed, the sequence ends with ErrChanged, as a
// *schemas.BadInputError.
func (s *FileSource) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		f, err := s.open(ctx, u.Path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		hash := sha256.New()
		s.read.Store(0)
		content := io.TeeReader(reader{ctx, u.Path, f}, io.MultiWriter(hash, (*counter)(&s.read)))
		for doc, err := range pubmed.Documents(content, u.Path) {
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			end := err != nil && !isReject(err)
			if end && s.changed(u.Path) {
				err = &schemas.BadInputError{Path: u.Path, Err: ErrChanged}
			}
			if !yield(doc, err) || end {
				return
			}
		}
		s.mu.Lock()
		asked := s.digests[u.Path]
		s.mu.Unlock()
		if asked != "" && asked != hex.EncodeToString(hash.Sum(nil)) {
			yield(nil, &schemas.BadInputError{Path: u.Path, Err: ErrChanged})
		}
	}
}

// counter counts what is written to it.
type counter atomic.Int64

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	(*atomic.Int64)(c).Add(int64(len(p)))
	return len(p), nil
}

// Position returns how many of the bytes of a file Documents has read. It reads ahead, and one file
// at a time.
func (s *FileSource) Position(u schemas.Unit) (read, size int64) {
	if info, ok := s.listed[u.Path]; ok {
		return s.read.Load(), info.Size()
	}
	return 0, 0
}

// changed reports whether a file has changed since it was listed.
func (s *FileSource) changed(path string) bool {
	before, ok := s.listed[path]
	now, err := os.Stat(path)
	later := time.Now().Add(time.Hour) // when no stamp is in doubt
	return ok && err == nil && stamp(now, later) != stamp(before, later)
}

// reader reads a file. It fails once its context is done; other errors are those of unreadable.
type reader struct {
	ctx  context.Context
	path string
	r    io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		err = unreadable(r.path, err)
	}
	return n, err
}

// unreadable returns the error of an input that cannot be listed, opened or read: bad input, so
// that a run continues with the others, unless the machine lacks the means to open any file.
func unreadable(path string, err error) error {
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		err = e.Err
	}
	advice := "check it, or get another copy of it"
	switch {
	case errors.Is(err, fs.ErrPermission):
		advice = "change its permissions, or run as another user"
	case errors.Is(err, fs.ErrNotExist) && isLink(path):
		advice = "it is a symbolic link to nothing: remove it or restore what it names"
	case errors.Is(err, fs.ErrNotExist):
		advice = "it was removed or renamed: restore it, or run again without it"
	case errors.Is(err, syscall.EIO):
		advice = "check the disk, or get another copy of it"
	}
	return &schemas.BadInputError{Path: path, Err: fmt.Errorf("%w: %s", err, advice)}
}

// isReject reports whether an error is one bad record, after which the sequence continues.
func isReject(err error) bool {
	var reject *schemas.Reject
	return errors.As(err, &reject)
}
