package fetch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// ErrChecksum means that the content of a file does not have the announced checksum or size.
var ErrChecksum = errors.New("wrong checksum or size")

// Limits of one download.
const (
	maxRetries  = 100 // after broken connections, in total
	maxIdle     = 5   // after broken connections in a row without progress
	minProgress = 512 // bytes; fewer are no progress
	maxWrong    = 3   // complete downloads with the wrong checksum
)

// Files is the directory for downloads. Names are relative to it and separated by slashes.
type Files interface {
	// Path returns the path of a file.
	Path(name string) string
	// Rename makes the content of a file durable and renames it, replacing any file of that name.
	Rename(from, to string) error
}

// File is a file to download.
type File struct {
	URL      string
	Name     string            // in Files
	Size     int64             // in bytes; 0 if it is not known
	MaxSize  int64             // where Size is not known
	NewHash  func() hash.Hash  // of the checksum
	Sum      string            // checksum in hex
	Progress func(bytes int64) // called with the number of bytes that are here, unless nil
}

const partSuffix = ".part"

// Download makes sure that a file of the name and checksum is in files.
func (c *Client) Download(ctx context.Context, f File, files Files) error {
	final := files.Path(f.Name)
	if sum, err := f.sumOf(ctx, final); err == nil && sum == f.Sum {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o777); err != nil {
		return err
	}
	if err := c.complete(ctx, f, files.Path(f.Name+partSuffix)); err != nil {
		return err
	}
	return files.Rename(f.Name+partSuffix, f.Name)
}

// WriteFile writes a small file.
func WriteFile(files Files, name string, data []byte) error {
	file, err := os.Create(files.Path(name + partSuffix))
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return files.Rename(name+partSuffix, name)
}

func (f File) sumOf(ctx context.Context, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := f.NewHash()
	_, err = io.Copy(sum, contextReader{ctx, file})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// contextReader fails once its context is done.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// download is a file that is not complete yet.
type download struct {
	File
	file *os.File
	size int64
	sum  hash.Hash
}

// complete downloads to path until the content is complete and has the right checksum.
func (c *Client) complete(ctx context.Context, f File, path string) (err error) {
	d := &download{File: f, sum: f.NewHash()}
	if d.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.file.Close()) }()
	if d.size, err = io.Copy(d.sum, contextReader{ctx, d.file}); err != nil {
		return err
	}
	best := d.size // at the last progress
	for retries, idle, wrong := 0, 0, 0; ; {
		err := c.append(ctx, d)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && d.matches():
			return nil
		case err == nil:
			if err := d.restart(); err != nil {
				return err
			}
			if wrong++; wrong == maxWrong {
				return fmt.Errorf("%s: %w, %d times", f.URL, ErrChecksum, maxWrong)
			}
			idle, best = 0, 0
		case !errors.Is(err, errBroken):
			return err
		case d.size >= best+c.leastProgress(err):
			idle, best = 1, d.size
		default:
			idle++
		}
		if err != nil {
			retries++
		}
		if retries > maxRetries || idle > maxIdle {
			return err
		}
		if err := sleep(ctx, c.patience.wait(max(1, idle))); err != nil {
			return err
		}
	}
}

// leastProgress returns the number of bytes that are progress, by the error that ended the reply: a
// reply that was too slow must not be kept alive by the bytes that did come.
func (c *Client) leastProgress(err error) int64 {
	if errors.Is(err, errStalled) {
		return max(minProgress, c.patience.quota())
	}
	return minProgress
}

// append requests the missing bytes and writes them. Those received before an error are kept.
func (c *Client) append(ctx context.Context, d *download) error {
	if d.Size > 0 && d.size >= d.Size {
		return nil
	}
	r, err := c.open(ctx, d.URL, d.size)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode == http.StatusRequestedRangeNotSatisfiable && d.size > 0:
		return nil // there are no more bytes
	case r.StatusCode == http.StatusOK:
		if err := d.restart(); err != nil {
			return err
		}
	case r.StatusCode != http.StatusPartialContent:
		return statusError(r)
	case !strings.HasPrefix(r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.size)):
		return fmt.Errorf(
			"%s: the server sent a range that was not asked for: %q", d.URL, r.Header.Get("Content-Range"),
		)
	}
	limit := d.Size
	if limit == 0 {
		limit = d.MaxSize
	}
	buffer := make([]byte, 1<<17)
	for {
		n, err := r.Body.Read(buffer)
		if d.size+int64(n) > limit {
			return errors.Join(
				fmt.Errorf("%s: %w: more than %d bytes", d.URL, ErrChecksum, limit), d.restart(),
			)
		}
		if err := d.write(buffer[:n]); err != nil {
			return err
		}
		switch {
		case err == io.EOF && d.size < d.Size:
			return fmt.Errorf("%s: %w: the reply ended at byte %d of %d", d.URL, errBroken, d.size, d.Size)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// matches reports whether the content is the announced one.
func (d *download) matches() bool {
	return (d.Size == 0 || d.size == d.Size) && hex.EncodeToString(d.sum.Sum(nil)) == d.Sum
}

func (d *download) write(p []byte) error {
	d.size += int64(len(p))
	d.sum.Write(p)
	_, err := d.file.Write(p)
	if d.Progress != nil {
		d.Progress(d.size)
	}
	return err
}

// restart drops all content.
func (d *download) restart() error {
	d.size = 0
	d.sum = d.NewHash()
	_, err := d.file.Seek(0, io.SeekStart)
	return errors.Join(err, d.file.Truncate(0))
}
