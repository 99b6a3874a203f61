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
	"slices"

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
	if _, err := io.Copy(hash, reader{ctx, f}); err != nil {
		return "", fmt.Errorf("%s: %w", u.Path, err)
	}
	digest := hex.EncodeToString(hash.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.digests[u.Path] = digest
	return digest, nil
}

// Documents decodes a file. If its content is not that of the last Digest, the sequence ends with
// an error: the file was changed in between, and another run will read it whole.
func (s *FileSource) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		f, err := s.open(ctx, u.Path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		hash := sha256.New()
		for doc, err := range pubmed.Documents(io.TeeReader(reader{ctx, f}, hash), u.Path) {
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !yield(doc, err) || err != nil && !isReject(err) {
				return
			}
		}
		s.mu.Lock()
		asked := s.digests[u.Path]
		s.mu.Unlock()
		if asked != "" && asked != hex.EncodeToString(hash.Sum(nil)) {
			yield(nil, fmt.Errorf("%s: the file was changed while it was read: run again", u.Path))
		}
	}
}

// reader fails once its context is done.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// openError returns the error of a file that cannot be opened. One that may not be read is bad
// input, so that a run continues with the others.
func openError(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &schemas.BadInputError{Path: path, Err: errors.New("no permission to read it")}
	}
	return err
}

// isReject reports whether an error is one bad record, after which the sequence continues.
func isReject(err error) bool {
	var reject *schemas.Reject
	return errors.As(err, &reject)
}
