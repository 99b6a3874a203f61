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
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// DefaultBaseURL is where NCBI's E-utilities are.
const DefaultBaseURL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"

// The shortest time between two requests: 2.5 and 8 in a second.
const (
	paceWithoutKey = 400 * time.Millisecond
	paceWithKey    = 125 * time.Millisecond
)

// ErrUnavailable says that NCBI could not be reached, or did not answer as it should, for as long
// as was tried. Trying again later will help.
var ErrUnavailable = errors.New("NCBI's E-utilities cannot be reached")

// Options say how E-utilities are used. The zero value is good, less the address that NCBI asks
// for.
type Options struct {
	BaseURL string        // default [DefaultBaseURL]; without TLS only on this machine
	Tool    string        // default "pubmine"
	Email   string        // where NCBI can reach who runs this
	Key     string        // NCBI API key, or none
	Timeout time.Duration // for one reply, from the request to its last byte; default 3 minutes
	Clock   Clock         // default the system's
}

// Client sends requests to E-utilities. One program should have one, because what NCBI allows is
// counted over all.
type Client struct {
	base   string
	common url.Values // the parameters of every request
	key    secret
	http   *http.Client
	pace   *limiter
}

var keyForm = regexp.MustCompile(`^[0-9A-Za-z_-]{8,128}$`)

// New returns a client. Its errors are about the options; none of them holds the key.
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
			return nil, errors.New("the API key is none: NCBI's keys are letters and digits")
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
		return "", errors.New("the base URL is none: give https://HOST/PATH/")
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return "", fmt.Errorf("base URL %s: without TLS only this machine is asked", base)
	}
	return strings.TrimSuffix(base, "/") + "/", nil
}

// Waits between tries.
const (
	maxRetries    = 6
	firstWait     = time.Second
	longestWait   = time.Minute
	longestAsked  = 5 * time.Minute // that Retry-After is honoured for
	largestReply  = 64 << 20        // 200 records have some 3 MB
	shownOfErrors = 200
)

// post asks an E-utility until read takes the reply. An error of read that is an again is one more
// reason to try again; read must start afresh each time.
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
	request.SetResponseHandler(func(reply *http.Response) error { return judge(reply, read) })
	var last error
	client := retryablehttp.Client{
		HTTPClient: c.http, RetryMax: maxRetries, RetryWaitMin: firstWait, RetryWaitMax: longestWait, Backoff: c.backoff,
		CheckRetry: func(ctx context.Context, _ *http.Response, err error) (bool, error) {
			last = err
			return ctx.Err() == nil && worthAnotherTry(err), nil
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

// backoff lets the client be silent. It does so through the limiter, whose clock counts, and leaves
// nothing to wait for here.
func (c *Client) backoff(first, longest time.Duration, retry int, reply *http.Response) time.Duration {
	wait := min(longest, first<<retry)
	wait -= time.Duration(rand.Float64() * float64(wait) / 2)
	if reply != nil {
		wait = max(wait, min(longestAsked, retryAfter(reply.Header.Get("Retry-After"), c.pace.clock.Now())))
	}
	c.pace.hold(wait)
	return 0
}
