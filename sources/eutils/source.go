package eutils

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pubmine/pubmine/schemas"
)

// unitSize is the number of PMIDs of a unit.
const unitSize = 10_000

// Plans stores plans. A stored plan is complete.
type Plans interface {
	// Get returns the data of a name, or fs.ErrNotExist.
	Get(name string) ([]byte, error)
	// Put stores data under a name.
	Put(name string, data []byte) error
}

// Source is a pipeline.Source of the records of a list of PMIDs.
type Source struct {
	client *Client
	name   string
	where  string // for messages
	find   func(ctx context.Context) (*Plan, error)

	mu   sync.Mutex
	plan *Plan
	read atomic.Int64 // records of the unit that Documents reads
}

// NewQuery returns the records that match a query, which are those of its plan. If there is no
// plan, PubMed is searched when the source is first used.
func NewQuery(client *Client, plans Plans, q Query) *Source {
	s := &Source{client: client, name: q.Name(), where: strconv.Quote(q.Term)}
	s.find = func(ctx context.Context) (*Plan, error) { return freeze(ctx, client, plans, q) }
	return s
}

// NewList returns the records of PMIDs without repeats. The name becomes part of the units' names.
func NewList(client *Client, name string, pmids []schemas.PMID) *Source {
	plan := &Plan{PMIDs: slices.Clone(pmids), Count: len(pmids)}
	return &Source{
		client: client, name: name, where: name, find: func(context.Context) (*Plan, error) { return plan, nil },
	}
}

// freeze returns the plan of a query, and makes it if there is none.
func freeze(ctx context.Context, client *Client, plans Plans, q Query) (*Plan, error) {
	data, err := plans.Get(q.Name())
	if err == nil {
		plan, err := decodePlan(data, q)
		if err != nil {
			err = &schemas.BadInputError{
				Path: "plan " + q.Name(), Err: fmt.Errorf("%w: remove it to search PubMed again", err),
			}
		}
		return plan, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	plan := &Plan{Query: q}
	if plan.PMIDs, plan.Count, plan.Warnings, err = client.Search(ctx, q); err != nil {
		return nil, err
	}
	if data, err = plan.encode(); err != nil {
		return nil, fmt.Errorf("plan %s: %w", q.Name(), err)
	}
	return plan, plans.Put(q.Name(), data)
}

// Plan returns the records that the source fetches.
func (s *Source) Plan(ctx context.Context) (*Plan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan == nil {
		plan, err := s.find(ctx)
		if err != nil {
			return nil, err
		}
		s.plan = plan
	}
	return s.plan, nil
}

// Units divides the list. Without PMIDs there are no units.
func (s *Source) Units(ctx context.Context) ([]schemas.Unit, error) {
	plan, err := s.Plan(ctx)
	if err != nil {
		return nil, err
	}
	var units []schemas.Unit
	for pmids := range slices.Chunk(plan.PMIDs, unitSize) {
		units = append(units, schemas.Unit{
			Name: fmt.Sprintf(
				"%s.%04d", s.name, len(units)+1,
			), Path: fmt.Sprintf("%s, part %d", s.where, len(units)+1), Stamp: digest(pmids),
		})
	}
	return units, ctx.Err()
}

// pmids returns the PMIDs of a unit.
func (s *Source) pmids(ctx context.Context, u schemas.Unit) ([]schemas.PMID, error) {
	plan, err := s.Plan(ctx)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(strings.TrimPrefix(u.Name, s.name+"."))
	if first := (number - 1) * unitSize; err == nil && first >= 0 && first < len(plan.PMIDs) {
		return plan.PMIDs[first:min(first+unitSize, len(plan.PMIDs))], nil
	}
	return nil, fmt.Errorf("%s is not a unit of %s", u.Name, s.where)
}

// Digest returns a hash of the PMIDs of a unit.
func (s *Source) Digest(ctx context.Context, u schemas.Unit) (string, error) {
	pmids, err := s.pmids(ctx, u)
	return digest(pmids), err
}

// Documents fetches the records of a unit, one for each of its PMIDs, in their order.
func (s *Source) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	_, docs := s.DocumentsFrom(ctx, u, 0)
	return docs
}

// DocumentsFrom fetches the records of a unit except for the first n, and returns their number.
func (s *Source) DocumentsFrom(
	ctx context.Context, u schemas.Unit, n int,
) (passed int, docs iter.Seq2[*schemas.Document, error]) {
	pmids, err := s.pmids(ctx, u)
	if err != nil {
		return 0, func(yield func(*schemas.Document, error) bool) { yield(nil, err) }
	}
	n = min(n, len(pmids))
	return n, func(yield func(*schemas.Document, error) bool) {
		record := n
		s.read.Store(int64(n))
		for page := range slices.Chunk(pmids[n:], pageSize) {
			items, err := s.client.Fetch(ctx, page)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range items {
				err := context.Cause(ctx)
				if err != nil {
					yield(nil, err)
					return
				}
				if item.Reject != nil {
					item.Reject.Record = record
					err = item.Reject
				}
				record++
				s.read.Store(int64(record))
				if !yield(item.Document, err) {
					return
				}
			}
		}
	}
}

// Position returns how many of the records of a unit Documents has yielded. It reads one unit at a
// time.
func (s *Source) Position(u schemas.Unit) (read, size int64) {
	pmids, err := s.pmids(context.Background(), u)
	if err != nil {
		return 0, 0
	}
	return s.read.Load(), int64(len(pmids))
}
