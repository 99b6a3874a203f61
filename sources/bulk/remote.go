package bulk

import (
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
	return slices.ContainsFunc([]error{ErrNetwork, ErrListing, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO}, func(e error) bool { return errors.Is(err, e) })
}

const (
	maxIndex   = 16 << 20 // bytes; an index of 1,500 files has 0.4 MB
	maxSidecar = 4 << 10
	maxFile    = 4 << 30
	maxWait    = 2 * time.Minute // between tries, whatever the server asks for
	stalled    = time.Minute     // without a byte
)

// Client returns a client that tries again, with growing pauses, what fails for reasons that pass, and that follows no redirect to
// another host.
func Client() *http.Client {
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax = 5
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.Backoff = func(least, most time.Duration, attempt int, r *http.Response) time.Duration {
		return min(retryablehttp.DefaultBackoff(least, most, attempt, r), maxWait)
	}
	if t, ok := c.HTTPClient.Transport.(*http.Transport); ok {
		t.ResponseHeaderTimeout = stalled
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
	base   *url.URL
	client *http.Client
	files  Mirror // what is here already
	pause  time.Duration
}

// OpenRemote returns the site below a URL. Files are downloaded below dir.
func OpenRemote(base string, client *http.Client, dir string) (*Remote, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of a server: give one that begins with https:// or http://", base)
	}
	return &Remote{base: u, client: client, files: Mirror{dir}, pause: time.Second}, nil
}

// List asks for both indexes.
func (r *Remote) List(ctx context.Context) ([]File, error) {
	var files []File
	for _, folder := range []string{Baseline, UpdateFiles} {
		page, err := r.get(ctx, maxIndex, folder+"/")
		if err != nil {
			return nil, err
		}
		found, err := parseListing(folder, page)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.base, err)
		}
		files = append(files, found...)
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
	data, err := r.get(ctx, maxSidecar, f.Folder, f.Name+sidecar)
	if err != nil {
		return "", err
	}
	sum, err := parseMD5(data, f.Name)
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

// get returns the whole of something small.
func (r *Remote) get(ctx context.Context, limit int64, path ...string) ([]byte, error) {
	response, err := r.ask(ctx, 0, path...)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", response.Request.URL, ErrNetwork, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: has more than %d bytes: not what it should be", response.Request.URL, limit)
	}
	return data, nil
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
	if r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= 500 {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	return err
}
