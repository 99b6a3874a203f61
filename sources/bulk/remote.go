package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// DefaultURL is where NCBI publishes PubMed.
const DefaultURL = "https://ftp.ncbi.nlm.nih.gov/pubmed/"

// ErrNetwork says that the server could not be asked, or had no answer now.
var ErrNetwork = errors.New("the server gives no answer now")

// Temporary reports whether the same may well succeed later.
func Temporary(err error) bool {
	return slices.ContainsFunc(
		[]error{ErrNetwork, ErrListing, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO},
		func(e error) bool { return errors.Is(err, e) },
	)
}

const (
	maxIndex   = 16 << 20 // bytes; an index of 1,500 files has 0.4 MB
	maxSidecar = 4 << 10
	maxFile    = 4 << 30
	maxTries   = 6 // of one request; and of one thing, when what comes is not that
)

// Patience is how long a server is waited for. The zero value is good.
type Patience struct {
	Least   time.Duration // before the second try; each further one waits twice as long; default 1 second
	Most    time.Duration // between two tries, whatever the server asks for; default 2 minutes
	Stalled time.Duration // without a byte; default 1 minute
}

func (p Patience) withDefaults() Patience {
	return Patience{cmp.Or(p.Least, time.Second), cmp.Or(p.Most, 2*time.Minute), cmp.Or(p.Stalled, time.Minute)}
}

// wait is how long to wait before try n+1.
func (p Patience) wait(n int) time.Duration { return min(p.Least<<(n-1), p.Most) }

// client returns a client that tries again, with growing pauses, what fails for reasons that pass,
// and that follows no redirect to another host. Retry-After makes a pause longer, and never shorter
// than it would be without.
func (p Patience) client() *http.Client {
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax = maxTries - 1
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.Backoff = func(_, _ time.Duration, attempt int, r *http.Response) time.Duration {
		asked := retryablehttp.DefaultBackoff(0, 0, 0, r) // of Retry-After alone
		return max(p.wait(attempt+1), min(asked, p.Most))
	}
	if t, ok := c.HTTPClient.Transport.(*http.Transport); ok {
		t.ResponseHeaderTimeout = p.Stalled
	}
	stay := func(next *http.Request, via []*http.Request) error {
		if next.URL.Host != via[0].URL.Host || len(via) > 5 {
			return http.ErrUseLastResponse
		}
		return nil
	}
	client := c.StandardClient()
	c.HTTPClient.CheckRedirect, client.CheckRedirect = stay, stay // each of the two would follow
	return client
}

// Remote is the Site below a URL, with the folder to which its files are downloaded.
type Remote struct {
	base     *url.URL
	client   *http.Client
	files    Mirror // what is here already
	patience Patience
}

// OpenRemote returns the site below a URL. Files are downloaded below dir.
func OpenRemote(base, dir string, p Patience) (*Remote, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of a server: give one that begins with https:// or http://", base)
	}
	p = p.withDefaults()
	return &Remote{base: u, client: p.client(), files: Mirror{dir}, patience: p}, nil
}

// List asks for both indexes.
func (r *Remote) List(ctx context.Context) ([]File, error) {
	var files []File
	for _, folder := range []string{Baseline, UpdateFiles} {
		err := r.get(ctx, maxIndex, func(page []byte) error {
			found, err := parseListing(folder, page)
			files = append(files, found...)
			return err
		}, folder+"/")
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// MD5 asks for the sidecar of a file, unless one of the same time is here.
func (r *Remote) MD5(ctx context.Context, f File) (string, error) {
	here, known := r.known(f)
	if known && !f.Changed.IsZero() {
		if info, err := os.Stat(r.files.path(f) + sidecar); err == nil && info.ModTime().Equal(f.Changed) {
			return here, nil
		}
	}
	sum := ""
	err := r.get(ctx, maxSidecar, func(data []byte) (err error) {
		sum, err = parseMD5(data, f.Name)
		return err
	}, f.Folder, f.Name+sidecar)
	if err == nil && known && sum == here {
		err = r.date(f)
	}
	return sum, err
}

// known returns what the sidecar here says. A torn one says nothing.
func (r *Remote) known(f File) (string, bool) {
	sum, err := r.files.MD5(context.Background(), f)
	return sum, err == nil
}

// date gives the sidecar here the time of the index.
func (r *Remote) date(f File) error {
	if f.Changed.IsZero() {
		return nil
	}
	return os.Chtimes(r.files.path(f)+sidecar, time.Time{}, f.Changed)
}

// Fetch downloads a file, or what is missing of it.
func (r *Remote) Fetch(ctx context.Context, f File) (string, error) {
	want, err := r.MD5(ctx, f)
	if err != nil {
		return "", err
	}
	path := r.files.path(f)
	if here, ok := r.known(f); ok && here == want {
		if got, err := md5File(path); err == nil && got == want {
			return path, nil
		}
	}
	if err := os.Remove(path + sidecar); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return "", err
	}
	if err := r.download(ctx, f, want); err != nil {
		return "", err
	}
	if err := writeDurably(path+sidecar, fmt.Sprintf("MD5(%s)= %s\n", f.Name, want)); err != nil {
		return "", err
	}
	return path, r.date(f)
}

func writeDurably(path, content string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	return errors.Join(err, f.Sync(), f.Close())
}

// get asks for the whole of something small until it comes and read takes it.
func (r *Remote) get(ctx context.Context, limit int64, read func(data []byte) error, path ...string) error {
	for try := 1; ; try++ {
		data, err := r.getOnce(ctx, limit, path...)
		if err == nil {
			if err = read(data); err == nil {
				return nil
			}
			err = fmt.Errorf("%s: %w", r.base.JoinPath(path...), err)
		} else if !errors.Is(err, errBroken) {
			return err
		}
		if try == maxTries {
			return err
		}
		if err := sleep(ctx, r.patience.wait(try)); err != nil {
			return err
		}
	}
}

func (r *Remote) getOnce(ctx context.Context, limit int64, path ...string) ([]byte, error) {
	asking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := r.ask(asking, 0, path...)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response)
	}
	watch := time.AfterFunc(r.patience.Stalled, func() { cancel(errStalled) })
	defer watch.Stop()
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, broken(response, err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("%s: has more than %d bytes: not what it should be", response.Request.URL, limit)
	}
	return data, nil
}

// errBroken is an ErrNetwork of a reply that began.
var errBroken = fmt.Errorf("%w: the connection broke", ErrNetwork)

func broken(r *http.Response, err error) error {
	return fmt.Errorf("%s: %w: %w", r.Request.URL, errBroken, err)
}

// ask asks for something from a byte on.
func (r *Remote) ask(ctx context.Context, from int64, path ...string) (*http.Response, error) {
	u := r.base.JoinPath(path...)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // the bytes as they are
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	response, err := r.client.Do(request)
	switch {
	case err == nil:
		return response, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
}

func statusError(r *http.Response) error {
	err := fmt.Errorf("%s: the server says %s", r.Request.URL, strings.TrimSpace(r.Status))
	if r.StatusCode >= 300 && r.StatusCode < 400 {
		return fmt.Errorf(
			"%w: it points to another host, which is not asked: name that one with --base-url if you trust it", err,
		)
	}
	if r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= 500 {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	return err
}
