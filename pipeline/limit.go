package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pubmine/pubmine/schemas"
)

// Limit returns a Source of the first n documents of another. It reads these documents once in
// advance, to find the unit in which they end. That unit is cut short: its digest and stamp get the
// suffix ":limit=K" for its first K documents. Units after it are omitted. Rejects do not count.
func Limit(in Source, n int) Source { return &limited{in: in, n: n} }

type limited struct {
	in Source
	n  int

	mu      sync.Mutex
	planned bool
	units   []schemas.Unit
	last    string // name of the unit that is cut short, if any
	quota   int    // number of its documents

	read atomic.Int64 // documents of the unit that is cut short
}

// plan counts documents up to n.
func (l *limited) plan(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.planned {
		return nil
	}
	units, err := l.in.Units(ctx)
	if err != nil {
		return err
	}
	left := l.n
	for i, u := range units {
		if left == 0 {
			units = units[:i]
			break
		}
		have, err := count(l.in.Documents(ctx, u), left+1)
		if bad := (*schemas.BadInputError)(nil); errors.As(err, &bad) {
			continue // reading the unit reports it; it counts for nothing
		}
		if err != nil {
			return err
		}
		if have > left {
			l.last, l.quota = u.Name, left
			units = units[:i+1]
			if units[i].Stamp != "" {
				units[i].Stamp += l.suffix()
			}
			break
		}
		left -= have
	}
	l.units, l.planned = units, true
	return nil
}

// count returns the number of documents, or limit if there are more.
func count(docs iter.Seq2[*schemas.Document, error], limit int) (int, error) {
	n := 0
	for _, err := range docs {
		if isReject(err) {
			continue
		}
		if err != nil {
			return n, err
		}
		if n++; n >= limit {
			break
		}
	}
	return n, nil
}

func (l *limited) suffix() string { return fmt.Sprintf(":limit=%d", l.quota) }

func (l *limited) Units(ctx context.Context) ([]schemas.Unit, error) {
	if err := l.plan(ctx); err != nil {
		return nil, err
	}
	return slices.Clone(l.units), nil
}

func (l *limited) Digest(ctx context.Context, u schemas.Unit) (string, error) {
	if err := l.plan(ctx); err != nil {
		return "", err
	}
	digest, err := l.in.Digest(ctx, u)
	if err == nil && u.Name == l.last {
		digest += l.suffix()
	}
	return digest, err
}

func (l *limited) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		if err := l.plan(ctx); err != nil {
			yield(nil, err)
			return
		}
		left := l.quota
		for doc, err := range l.in.Documents(ctx, u) {
			counts := err == nil && u.Name == l.last
			if counts {
				left--
				l.read.Store(int64(l.quota - left))
			}
			if !yield(doc, err) || counts && left == 0 {
				return
			}
		}
	}
}

// Position is that of the other source, in documents for the unit that is cut short.
func (l *limited) Position(u schemas.Unit) (read, size int64) {
	if u.Name == l.last {
		return l.read.Load(), int64(l.quota)
	}
	if p, ok := l.in.(Positioner); ok {
		return p.Position(u)
	}
	return 0, 0
}

func isReject(err error) bool {
	var reject *schemas.Reject
	return errors.As(err, &reject)
}
