package eutils

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// exchange is one request and its whole reply: a RoundTripper that waits for its turn and reads the
// body to its end, so that whatever breaks on the way breaks here.
type exchange struct {
	pace    *limiter
	key     secret
	timeout time.Duration
	next    http.RoundTripper
}

// RoundTrip sends the request. The body of the reply is in memory, without the key.
func (x *exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if err := x.pace.wait(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, x.timeout, fmt.Errorf("no whole reply in %v", x.timeout))
	defer cancel()
	ctx = httptrace.WithClientTrace(
		ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { x.pace.sent() }},
	)
	reply, err := x.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, because(ctx, err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(io.LimitReader(reply.Body, largestReply+1))
	if err != nil {
		return nil, because(ctx, fmt.Errorf("reply cut off after %d bytes: %w", len(body), err))
	}
	if len(body) > largestReply {
		return nil, fmt.Errorf("reply of more than %d MiB", largestReply>>20)
	}
	reply.Body = io.NopCloser(bytes.NewReader(x.key.remove(body)))
	return reply, nil
}

// because puts the reason for which a context ended in place of what that did to the connection.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// again is an error after which the same request may be sent again.
type again struct{ error }

func (e again) Unwrap() error { return e.error }

func tryAgain(format string, args ...any) error { return again{fmt.Errorf(format, args...)} }

// worthAnotherTry is true of all errors of the network, but not of a peer that is not NCBI.
func worthAnotherTry(err error) bool {
	var (
		retry       again
		network     *url.Error
		certificate *tls.CertificateVerificationError
	)
	if errors.As(err, &certificate) {
		return false
	}
	return errors.As(err, &retry) || errors.As(err, &network)
}

// plain takes off what net/http puts around the errors of a RoundTripper.
func plain(err error) error {
	var network *url.Error
	if errors.As(err, &network) {
		return network.Err
	}
	return err
}

// judge reads a reply: by its status, and if that is good, by read.
func judge(reply *http.Response, read func(body []byte) error) error {
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return again{err}
	}
	status := reply.StatusCode
	switch {
	case isRateError(body):
		return tryAgain("more requests than NCBI allows: is something else using the same address or key?")
	case status == http.StatusOK:
		return read(body)
	case status < 300,
		status == http.StatusRequestTimeout,
		status == http.StatusTooEarly,
		status == http.StatusTooManyRequests,
		status >= 500:
		return tryAgain("status %d", status)
	case status < 400:
		return tryAgain("redirected to %q, which is not followed", host(reply.Header.Get("Location")))
	}
	return refusal(status, body)
}

// host is what may be said of an address that a reply redirects to.
func host(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// retryAfter returns how long a Retry-After header asks to wait, at most a year, or 0.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), 365*24*3600)) * time.Second
	} else if errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(header, "-") {
		return 365 * 24 * time.Hour
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
