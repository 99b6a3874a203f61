package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// transport watches the rate of every reply, also of one that is read only to keep its connection:
// that of an error or a redirect.
type transport struct {
	next     http.RoundTripper
	patience Patience
}

// RoundTrip sends a request.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	response, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	b := &body{
		ReadCloser: response.Body, request: request, reading: ctx, cancel: cancel, stalled: t.patience.Stalled,
		quota: t.patience.quota(), left: t.patience.quota(),
	}
	b.watch = time.AfterFunc(b.stalled, func() { cancel(errStalled) })
	response.Body = b
	return response, nil
}

// body is the body of a reply. Reading it fails with errBroken when the connection breaks, stalls
// or is too slow.
type body struct {
	io.ReadCloser
	request *http.Request
	reading context.Context
	cancel  context.CancelCauseFunc
	watch   *time.Timer // ends the reply; restarted whenever quota bytes have come
	stalled time.Duration
	quota   int64
	left    int64 // bytes until watch is restarted
}

// Read reads from the connection.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left <= 0 {
		b.left = b.quota
		b.watch.Reset(b.stalled)
	}
	switch ctx := b.request.Context(); {
	case err == nil || err == io.EOF:
		return n, err
	case ctx.Err() != nil:
		return n, context.Cause(ctx)
	case errors.Is(context.Cause(b.reading), errStalled):
		err = errStalled
	}
	return n, fmt.Errorf("%s: %w: %w", b.request.URL, errBroken, err)
}

// Close ends the reply.
func (b *body) Close() error {
	b.watch.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}
