package bulk

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// How often a download may break off, in all and without news, and how often it may come to its end
// and be wrong, before it is given up for this time. Less than so many bytes are no news.
const (
	maxBreaks = 100
	maxIdle   = 5
	maxWrong  = 3
	news      = 512
)

// errStalled ends a download from which nothing comes.
var errStalled = errors.New("nothing comes any more")

// download is a file on its way.
type download struct {
	*os.File
	size int64
	sum  hash.Hash
}

// download appends to the file until it has the right MD5. What turns out to be wrong is dropped,
// be it from an earlier run or because something else came in the file's place.
func (r *Remote) download(ctx context.Context, f File, want string) (err error) {
	d := &download{sum: md5.New()}
	d.File, err = os.OpenFile(r.files.path(f), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if d.size, err = io.Copy(d.sum, d.File); err != nil {
		return err
	}
	most := d.size
	for breaks, idle, wrong := 0, 0, 0; ; {
		err := r.append(ctx, f, d)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && hex.EncodeToString(d.sum.Sum(nil)) == want:
			return d.Sync()
		case err == nil:
			if err := d.restart(); err != nil {
				return err
			}
			if wrong++; wrong == maxWrong {
				return fmt.Errorf("%s: %w: the publisher may be at work: try again later", f.Name, ErrMD5)
			}
			idle, most = 0, 0
		case !errors.Is(err, errBroken): // the client has tried that again
			return err
		default:
			breaks++
			if idle++; d.size >= most+news {
				idle, most = 1, d.size
			}
			if breaks > maxBreaks || idle > maxIdle {
				return err
			}
		}
		if err := sleep(ctx, r.patience.wait(max(1, idle))); err != nil {
			return err
		}
	}
}

// append asks for what is missing and adds it. It returns ErrNetwork when the connection broke,
// with what came before added.
func (r *Remote) append(ctx context.Context, f File, d *download) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := r.ask(ctx, d.size, f.Folder, f.Name)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable && d.size > 0:
		return nil // there is no more
	case response.StatusCode == http.StatusOK:
		if err := d.restart(); err != nil {
			return err
		}
	case response.StatusCode != http.StatusPartialContent:
		return statusError(response)
	case !strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.size)):
		return fmt.Errorf(
			"%s: the server sent another range than was asked for: %q", response.Request.URL,
			response.Header.Get("Content-Range"),
		)
	}
	stalled := r.patience.Stalled
	watch := time.AfterFunc(stalled, func() { cancel(errStalled) })
	defer watch.Stop()
	buffer := make([]byte, 1<<17)
	for {
		n, err := response.Body.Read(buffer)
		watch.Reset(stalled)
		if err := d.add(buffer[:n]); err != nil {
			return err
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return broken(response, err)
		case d.size > maxFile:
			return fmt.Errorf("%s: has more than %d bytes: not what it should be", response.Request.URL, int64(maxFile))
		}
	}
}

func (d *download) add(p []byte) error {
	d.size += int64(len(p))
	d.sum.Write(p)
	_, err := d.Write(p)
	return err
}

// restart drops every byte.
func (d *download) restart() error {
	d.size = 0
	d.sum.Reset()
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
