package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// ErrNetwork means that the server could not be reached or does not answer. Later it may.
var ErrNetwork = errors.New("the server does not answer")

// errBroken is the ErrNetwork of a reply that had begun.
var errBroken = fmt.Errorf("%w: the connection broke", ErrNetwork)

// errStalled is the cause of the end of a reply that stopped or became too slow.
var errStalled = errors.New("no more data, or too little, is received")

// maxTries is the maximum number of times that a request is sent, and that [Client.Get] asks for a
// reply that its caller accepts.
const maxTries = 6

// Patience limits waiting. Fields that are zero have the defaults.
type Patience struct {
	FirstWait time.Duration // before the first retry; it doubles with each further one; default 1 second
	MaxWait   time.Duration // between two tries, also if the server asks for more; default 2 minutes
	Stalled   time.Duration // until a reply that does not have MinRate is given up; default 1 minute
	MinRate   int64         // bytes per second, on average over Stalled; default 1 KiB
}

func (p Patience) withDefaults() Patience {
	return Patience{
		FirstWait: cmp.Or(p.FirstWait, time.Second), MaxWait: cmp.Or(p.MaxWait, 2*time.Minute),
		Stalled: cmp.Or(p.Stalled, time.Minute), MinRate: cmp.Or(p.MinRate, 1<<10),
	}
}

// wait returns the wait before retry n, from 1.
func (p Patience) wait(n int) time.Duration { return min(p.FirstWait<<(n-1), p.MaxWait) }

// quota returns the number of bytes that must come within Stalled.
func (p Patience) quota() int64 { return max(1, int64(float64(p.MinRate)*p.Stalled.Seconds())) }

// Options are those of a Client.
type Options struct {
	Patience
	CheckRedirect func(next *http.Request, via []*http.Request) error // as in http.Client
}

// Client downloads. It is safe for concurrent use.
type Client struct {
	http     *retryablehttp.Client
	patience Patience
	replied  atomic.Bool // by a server, at least once
}

// New returns a client.
func New(o Options) *Client {
	c := &Client{patience: o.Patience.withDefaults()}
	r := retryablehttp.NewClient()
	r.Logger = nil
	r.RetryMax = maxTries - 1
	r.ErrorHandler = retryablehttp.PassthroughErrorHandler
	r.CheckRetry = func(ctx context.Context, response *http.Response, err error) (bool, error) {
		if response != nil {
			c.replied.Store(true)
		}
		if c.offline(err) {
			return false, err
		}
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	r.Backoff = func(_, _ time.Duration, attempt int, response *http.Response) time.Duration {
		asked := retryablehttp.DefaultBackoff(0, 0, 0, response) // by Retry-After alone
		return max(c.patience.wait(attempt+1), min(asked, c.patience.MaxWait))
	}
	if t, ok := r.HTTPClient.Transport.(*http.Transport); ok {
		t.ResponseHeaderTimeout = c.patience.Stalled
	}
	r.HTTPClient.Transport = &transport{r.HTTPClient.Transport, c.patience}
	r.HTTPClient.CheckRedirect = o.CheckRedirect
	c.http = r
	return c
}

// Offline reports whether err means that no connection could be made: the name of the server cannot
// be resolved, there is no route to it, or nothing listens there.
func Offline(err error) bool {
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		return true
	}
	return slices.ContainsFunc(
		[]error{syscall.ECONNREFUSED, syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN},
		func(e error) bool { return errors.Is(err, e) },
	)
}

func (c *Client) offline(err error) bool { return Offline(err) && !c.replied.Load() }

// StatusError is a reply with a status that is no success. It wraps ErrNetwork where the same
// request may succeed later.
type StatusError struct {
	URL    string
	Code   int
	Status string // "404 Not Found"
}

func (e *StatusError) Error() string { return e.URL + ": the server answers " + e.Status }

// Unwrap returns ErrNetwork or nil.
func (e *StatusError) Unwrap() error {
	if e.Code == http.StatusTooManyRequests || e.Code >= 500 {
		return ErrNetwork
	}
	return nil
}

func statusError(r *http.Response) error {
	return &StatusError{URL: r.Request.URL.String(), Code: r.StatusCode, Status: strings.TrimSpace(r.Status)}
}

// Get requests url and calls read with the whole reply, which may have at most limit bytes. It
// repeats the request after a broken reply and after one that read returns an error for.
func (c *Client) Get(ctx context.Context, url string, limit int64, read func(data []byte) error) error {
	for try := 1; ; try++ {
		data, err := c.getOnce(ctx, url, limit)
		if err == nil {
			if err = read(data); err == nil {
				return nil
			}
			err = fmt.Errorf("%s: %w", url, err)
		} else if !errors.Is(err, errBroken) {
			return err
		}
		if try == maxTries {
			return err
		}
		if err := sleep(ctx, c.patience.wait(try)); err != nil {
			return err
		}
	}
}

func (c *Client) getOnce(ctx context.Context, url string, limit int64) ([]byte, error) {
	r, err := c.open(ctx, url, 0)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, statusError(r)
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: a reply of more than %d bytes, which cannot be right", url, limit)
	}
	return data, err
}

// open requests url from byte offset on.
func (c *Client) open(ctx context.Context, url string, offset int64) (*http.Response, error) {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // no compression on the way: sizes and ranges are the file's
	request.Header.Set("User-Agent", "pubmine")
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	response, err := c.http.Do(request)
	if err != nil {
		if response != nil { // of a redirect that is not followed
			response.Body.Close()
		}
		return nil, c.connectError(ctx, request.URL, err)
	}
	return response, nil
}

func (c *Client) connectError(ctx context.Context, u *url.URL, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	offline := c.offline(err)
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if offline {
		return fmt.Errorf(
			"%w: no connection to %s: check the network, the proxy settings and the URL: %w", ErrNetwork, u.Host, err,
		)
	}
	return fmt.Errorf("%w: %s: %w", ErrNetwork, u, err)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
