package eutils

import (
	"context"
	"sync"
	"time"
)

// A Clock returns the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or earlier with the context's error.
	Sleep(ctx context.Context, d time.Duration) error
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// limiter limits the rate of requests.
type limiter struct {
	clock Clock
	every time.Duration

	mu   sync.Mutex
	next time.Time // no request starts before
}

// wait blocks until a request may start.
func (l *limiter) wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := l.take()
		if left <= 0 {
			return nil
		}
		if err := l.clock.Sleep(ctx, left); err != nil {
			return err
		}
	}
}

// take starts a request, or returns the time to wait first.
func (l *limiter) take() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	if left := l.next.Sub(now); left > 0 {
		return left
	}
	l.next = now.Add(l.every)
	return 0
}

// sent restarts the interval, now that the request has been written.
func (l *limiter) sent() { l.hold(l.every) }

// hold prevents requests for the time d.
func (l *limiter) hold(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if next := l.clock.Now().Add(d); next.After(l.next) {
		l.next = next
	}
}
