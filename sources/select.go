package sources

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/pubmine/pubmine/schemas"
)

// Limit takes the first n documents of a whole input. It reads them once more beforehand, to know
// which unit they end in. Units behind that one are left out, and that one holds fewer documents:
// its digest and stamp end in ":limit=K", K being how many. Rejects are not counted.
func Limit(in Input, n int) Input { return &limited{in: in, n: n} }

type limited struct {
	in Input
	n  int

	mu      sync.Mutex
	planned bool
	units   []schemas.Unit
	last    string // the name of the unit that is cut short, if one is
	quota   int    // how many of its documents count
}

// plan counts documents until there are enough.
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
			continue // whoever reads the unit will be told; nothing of it counts
		}
		if err != nil {
			return err
		}
		if have > left {
			l.last, l.quota = u.Name, left
			units = units[:i+1]
			units[i].Stamp += l.suffix()
			break
		}
		left -= have
	}
	l.units, l.planned = units, true
	return nil
}

// count returns how many documents there are, up to enough of them.
func count(docs iter.Seq2[*schemas.Document, error], enough int) (int, error) {
	n := 0
	for _, err := range docs {
		if isReject(err) {
			continue
		}
		if err != nil {
			return n, err
		}
		if n++; n >= enough {
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
			if !yield(doc, err) {
				return
			}
			if err == nil && u.Name == l.last {
				if left--; left == 0 {
					return
				}
			}
		}
	}
}

// Only takes the documents with one of the given PMIDs, and the rejects that name one. Digest and
// stamp of every unit end in ":only=" and a hash of the PMIDs.
func Only(in Input, pmids []schemas.PMID) Input {
	sorted := slices.Compact(slices.Sorted(slices.Values(pmids)))
	hash := sha256.Sum256(fmt.Append(nil, sorted))
	return &selected{in: in, pmids: sorted, suffix: fmt.Sprintf(":only=%x", hash[:8])}
}

type selected struct {
	in     Input
	pmids  []schemas.PMID
	suffix string
}

func (s *selected) Units(ctx context.Context) ([]schemas.Unit, error) {
	units, err := s.in.Units(ctx)
	for i := range units {
		units[i].Stamp += s.suffix
	}
	return units, err
}

func (s *selected) Digest(ctx context.Context, u schemas.Unit) (string, error) {
	digest, err := s.in.Digest(ctx, u)
	return digest + s.suffix, err
}

func (s *selected) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		for doc, err := range s.in.Documents(ctx, u) {
			if s.wanted(doc, err) && !yield(doc, err) {
				return
			}
		}
	}
}

func (s *selected) wanted(doc *schemas.Document, err error) bool {
	pmid := schemas.PMID(0)
	if reject := (*schemas.Reject)(nil); errors.As(err, &reject) {
		pmid = reject.PMID
	} else if err != nil {
		return true
	} else {
		pmid = doc.PMID
	}
	_, found := slices.BinarySearch(s.pmids, pmid)
	return found
}
