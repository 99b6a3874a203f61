package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxBreaks is how often a download may break off without a new byte before it is given up.
const maxBreaks = 5

// errStalled ends a download from which nothing comes.
var errStalled = errors.New("nothing comes any more")

// download is a file on its way.
type download struct {
	*os.File
	size int64
	want File
	sum  hash.Hash
	told func(bytes int64)
}

// Fetch leaves a file of a model in a folder, downloading what is missing of it. told is called now
// and then with the bytes that are there.
func (c *Client) Fetch(ctx context.Context, m *Model, f File, dir string, told func(bytes int64)) (err error) {
	if !fileForm.MatchString(f.Name) {
		return fmt.Errorf("%q is not the name of a file", f.Name)
	}
	d := &download{want: f, told: told}
	d.File, err = os.OpenFile(filepath.Join(dir, f.Name), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.begin()
	if d.size, err = io.Copy(d.sum, d.File); err != nil {
		return err
	}
	resumed, most := d.size > 0, d.size
	for breaks := 0; ; {
		err = nil
		if d.size < f.Size {
			err = c.append(ctx, m, d)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && d.whole():
			return d.Sync()
		case err == nil && !resumed:
			return errors.Join(
				fmt.Errorf("%s of %s: %w: %d bytes of %d, or others", f.Name, m.Repo, ErrContent, d.size, f.Size),
				d.restart(),
			)
		case err == nil:
			resumed, breaks, most = false, 0, 0
			if err := d.restart(); err != nil {
				return err
			}
			continue
		case !errors.Is(err, ErrNetwork):
			return fmt.Errorf("%s of %s: %w", f.Name, m.Repo, err)
		case d.size > most:
			breaks, most = 0, d.size
		}
		if breaks++; breaks > maxBreaks {
			return fmt.Errorf("%s of %s: %w", f.Name, m.Repo, err)
		}
		if err := sleep(ctx, time.Duration(breaks)*c.pause); err != nil {
			return err
		}
	}
}

// append asks for what is missing and adds it. It returns ErrNetwork when the connection broke,
// with what came before added.
func (c *Client) append(ctx context.Context, m *Model, d *download) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := c.get(ctx, c.base.JoinPath(m.Repo, "resolve", m.Commit, d.want.Name), d.size)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return nil // there is no more
	case response.StatusCode == http.StatusOK:
		if err := d.restart(); err != nil {
			return err
		}
	case !strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.size)):
		return fmt.Errorf("%w: another range than was asked for: %q", ErrContent, response.Header.Get("Content-Range"))
	}
	watch := time.AfterFunc(stalled, func() { cancel(errStalled) })
	defer watch.Stop()
	buffer := make([]byte, 1<<17)
	for {
		n, err := response.Body.Read(buffer)
		watch.Reset(stalled)
		if d.size+int64(n) > d.want.Size {
			return fmt.Errorf("%w: more than %d bytes", ErrContent, d.want.Size)
		}
		if err := d.add(buffer[:n]); err != nil {
			return err
		}
		switch {
		case err == io.EOF && d.size < d.want.Size:
			return fmt.Errorf("%w: it ended at byte %d of %d", ErrNetwork, d.size, d.want.Size)
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", ErrNetwork, err)
		}
	}
}

// begin starts the sum: git's SHA-1 is that of a header and the content.
func (d *download) begin() {
	d.sum = sha256.New()
	if d.want.SHA256 == "" {
		d.sum = sha1.New()
		fmt.Fprintf(d.sum, "blob %d\x00", d.want.Size)
	}
}

// whole reports whether the file is the one that was announced.
func (d *download) whole() bool {
	return d.size == d.want.Size && hex.EncodeToString(d.sum.Sum(nil)) == d.want.SHA256+d.want.Blob
}

func (d *download) add(p []byte) error {
	d.size += int64(len(p))
	d.sum.Write(p)
	_, err := d.Write(p)
	d.told(d.size)
	return err
}

// restart drops every byte.
func (d *download) restart() error {
	d.size = 0
	d.begin()
	_, err := d.Seek(0, io.SeekStart)
	return errors.Join(err, d.Truncate(0))
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
