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

// exchange is a RoundTripper that waits for the limiter and reads a reply to its end, so that all
// network errors occur in it.
type exchange struct {
	pace    *limiter
	key     secret
	timeout time.Duration
	next    http.RoundTripper
}

// RoundTrip sends the request. The body of the reply is in memory, and does not have the key.
func (x *exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if err := x.pace.wait(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, x.timeout, fmt.Errorf("no complete reply in %v", x.timeout))
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

// because returns the cause of the end of ctx, if it ended, in place of the resulting error.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// again is an error after which the request is repeated.
type again struct{ error }

func (e again) Unwrap() error { return e.error }

func tryAgain(format string, args ...any) error { return again{fmt.Errorf(format, args...)} }

// worthAnotherTry reports whether an error is one of the network, or an again. It is false for a
// wrong certificate.
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

// plain returns the error of a RoundTripper without the wrapper of net/http.
func plain(err error) error {
	var network *url.Error
	if errors.As(err, &network) {
		return network.Err
	}
	return err
}

// check reads a reply, and returns an error according to its status or of read.
func check(reply *http.Response, read func(body []byte) error) error {
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

// host returns the host of a redirect, which is safe to show.
func host(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// retryAfter returns the wait of a Retry-After header, at most a year, or 0.
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
