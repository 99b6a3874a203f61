package eutils

import (
	"context"
	"sync"
	"time"
)

// A Clock tells the time and lets it pass.
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

// limiter keeps requests apart.
type limiter struct {
	clock Clock
	every time.Duration

	mu   sync.Mutex
	next time.Time // no request before this
}

// wait returns when a request may start.
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

// take starts a request, or returns how long it is too early.
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

// sent counts the time from now, when the request that was started has been written.
func (l *limiter) sent() { l.hold(l.every) }

// hold lets no request start before d has passed.
func (l *limiter) hold(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if next := l.clock.Now().Add(d); next.After(l.next) {
		l.next = next
	}
}
