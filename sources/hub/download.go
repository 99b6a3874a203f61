package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"

	"github.com/pubmine/pubmine/sources/fetch"
)

// Fetch downloads a file of a model to files, or the part of it that is missing. progress is called
// from time to time with the number of bytes that are there; it may be nil.
func (c *Client) Fetch(ctx context.Context, m *Model, f File, files fetch.Files, progress func(bytes int64)) error {
	if !fileForm.MatchString(f.Name) {
		return fmt.Errorf("%q is not the name of a file", f.Name)
	}
	err := c.client.Download(ctx, fetch.File{
		URL: c.base.JoinPath(m.Repo, "resolve", m.Commit, f.Name).String(), Name: f.Name,
		Size: f.Size, NewHash: f.newHash, Sum: f.SHA256 + f.Blob, Progress: progress,
	}, files)
	if err == nil {
		return nil
	}
	err = classify(err)
	if errors.Is(err, fetch.ErrChecksum) {
		err = fmt.Errorf("%w: %w", ErrContent, err)
	}
	return fmt.Errorf("%s of %s: %w", f.Name, m.Repo, err)
}

// newHash returns the hash of the file's checksum: git hashes a header before the content.
func (f File) newHash() hash.Hash {
	if f.SHA256 != "" {
		return sha256.New()
	}
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", f.Size)
	return h
}
