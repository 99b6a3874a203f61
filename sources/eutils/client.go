package eutils

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/pubmine/pubmine/sources/fetch"
)

// DefaultBaseURL is the URL of NCBI's E-utilities.
const DefaultBaseURL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"

// The shortest time between two requests: 2.5 and 8 in a second.
const (
	paceWithoutKey = 400 * time.Millisecond
	paceWithKey    = 125 * time.Millisecond
)

// ErrUnavailable means that NCBI could not be reached, or gave no valid reply, in all retries. The
// same call may succeed later.
var ErrUnavailable = errors.New("NCBI's E-utilities cannot be reached")

// Options are those of a Client. The zero value is usable except for Email, which NCBI requires.
type Options struct {
	BaseURL string        // default [DefaultBaseURL]; must be https unless it is on this machine
	Tool    string        // name of the program; default "pubmine"
	Email   string        // of the person who runs the program, for NCBI
	Key     string        // NCBI API key, or none
	Timeout time.Duration // for one reply, from the request to its last byte; default 3 minutes
	Clock   Clock         // default: the system clock
}

// Client sends requests to E-utilities. A program should have only one, because NCBI limits the
// total rate of requests.
type Client struct {
	base   string
	common url.Values // the parameters of every request
	key    secret
	http   *http.Client
	pace   *limiter

	replied atomic.Bool // by NCBI, at least once
}

var keyForm = regexp.MustCompile(`^[0-9A-Za-z_-]{8,128}$`)

// New returns a client. Its errors are those of the options. None of them has the key.
func New(o Options) (*Client, error) {
	base, err := checkBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.Tool == "" {
		o.Tool = "pubmine"
	}
	if o.Timeout <= 0 {
		o.Timeout = 3 * time.Minute
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	c := &Client{
		base: base, common: url.Values{"db": {"pubmed"}, "tool": {o.Tool}},
		pace: &limiter{clock: o.Clock, every: paceWithoutKey},
	}
	if o.Email != "" {
		c.common.Set("email", o.Email)
	}
	if o.Key != "" {
		if !keyForm.MatchString(o.Key) {
			return nil, errors.New("invalid API key: NCBI's keys consist of letters and digits")
		}
		c.common.Set("api_key", o.Key)
		c.key = newSecret(o.Key)
		c.pace.every = paceWithKey
	}
	c.http = &http.Client{
		Transport: &exchange{
			pace: c.pace, key: c.key, timeout: o.Timeout, next: http.DefaultTransport.(*http.Transport).Clone(),
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func checkBase(base string) (string, error) {
	if base == "" {
		base = DefaultBaseURL
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("invalid base URL: give https://HOST/PATH/")
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return "", fmt.Errorf("base URL %s: give https; http is for this machine only", base)
	}
	return strings.TrimSuffix(base, "/") + "/", nil
}

// Limits of one call.
const (
	maxRetries    = 6
	firstWait     = time.Second
	longestWait   = time.Minute
	longestAsked  = 5 * time.Minute // maximum wait that a Retry-After header can ask for
	largestReply  = 64 << 20        // bytes; 200 records have about 3 MB
	shownOfErrors = 200
)

// post sends a request to an E-utility until read accepts the reply. The request is also repeated
// after an error of read that is an again; read must then start from scratch.
func (c *Client) post(ctx context.Context, program string, form url.Values, read func(body []byte) error) error {
	for name, values := range c.common {
		form[name] = values
	}
	request, err := retryablehttp.NewRequestWithContext(
		ctx, http.MethodPost, c.base+program+".fcgi", []byte(form.Encode()),
	)
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", c.common.Get("tool"))
	request.SetResponseHandler(func(reply *http.Response) error { return check(reply, read) })
	var last error
	client := retryablehttp.Client{
		HTTPClient: c.http, RetryMax: maxRetries, RetryWaitMin: firstWait, RetryWaitMax: longestWait,
		Backoff: c.backoff,
		CheckRetry: func(ctx context.Context, reply *http.Response, err error) (bool, error) {
			last = err
			if reply != nil {
				c.replied.Store(true)
			}
			offline := fetch.Offline(err) && !c.replied.Load() // most likely there is no network
			return ctx.Err() == nil && worthAnotherTry(err) && !offline, nil
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if reply, err := client.Do(request); err == nil {
		return reply.Body.Close()
	} else if last == nil {
		last = err
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case worthAnotherTry(last):
		return fmt.Errorf("%w: %s", ErrUnavailable, c.key.scrub(fmt.Sprintf("%s: %v", program, plain(last))))
	}
	return errors.New(c.key.scrub(fmt.Sprintf("%s: %v", program, plain(last))))
}

// backoff makes the client wait before a retry. It waits in the limiter, which has the clock, and
// returns 0.
func (c *Client) backoff(first, longest time.Duration, retry int, reply *http.Response) time.Duration {
	wait := min(longest, first<<retry)
	wait -= time.Duration(rand.Float64() * float64(wait) / 2)
	if reply != nil {
		wait = max(wait, min(longestAsked, retryAfter(reply.Header.Get("Retry-After"), c.pace.clock.Now())))
	}
	c.pace.hold(wait)
	return 0
}
