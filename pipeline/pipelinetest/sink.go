package pipelinetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Store is the content of a [Sink]: it outlives the sinks that are opened on it, as a directory
// does.
type Store struct {
	mu        sync.Mutex
	chunks    map[string]map[int][]schemas.Rows // by unit and digest
	kept      map[string]map[int][]schemas.Rows // parts of chunks, in the same way
	published map[string][]schemas.Rows         // by unit
	digests   map[string]string                 // of published units
	stamps    map[string]string
	Fail      func(op string, unit string, chunk int) error // unless nil, called before "write", "keep", "commit"
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		chunks: map[string]map[int][]schemas.Rows{}, kept: map[string]map[int][]schemas.Rows{},
		published: map[string][]schemas.Rows{},
		digests:   map[string]string{}, stamps: map[string]string{},
	}
}

// Published returns the rows of a unit, record by record; false when it is not published.
func (s *Store) Published(unit string) ([]schemas.Rows, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, ok := s.published[unit]
	return rows, ok
}

// Chunks returns the numbers of the chunks of a unit that are checkpointed.
func (s *Store) Chunks(unit string) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var numbers []int
	for chunk := range s.chunks[unit] {
		numbers = append(numbers, chunk)
	}
	slices.Sort(numbers)
	return numbers
}

// Sink is a pipeline.Sink in memory.
type Sink struct{ *Store }

// Committed reports whether the unit is published.
func (s Sink) Committed(u schemas.Unit, digest func() (string, error)) (bool, error) {
	s.mu.Lock()
	known, ok := s.digests[u.Name]
	stamp := s.stamps[u.Name]
	s.mu.Unlock()
	if !ok || u.Stamp != "" && u.Stamp == stamp {
		return ok, nil
	}
	sum, err := digest()
	return err == nil && sum == known, err
}

// Open starts or resumes a unit.
func (s Sink) Open(_ context.Context, u schemas.Unit, digest string) (pipeline.UnitWriter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chunks[u.Name] == nil {
		s.chunks[u.Name], s.kept[u.Name] = map[int][]schemas.Rows{}, map[int][]schemas.Rows{}
	}
	return part{s.Store, u, digest}, nil
}

// Flush does nothing: Commit publishes.
func (s Sink) Flush(ctx context.Context) error { return ctx.Err() }

type part struct {
	*Store
	unit   schemas.Unit
	digest string
}

func (p part) Have(chunk int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.chunks[p.unit.Name][chunk]
	return ok
}

func (p part) Write(ctx context.Context, chunk int, records []schemas.Rows) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fail(ctx, "write", chunk); err != nil {
		return err
	}
	p.chunks[p.unit.Name][chunk] = slices.Clone(records)
	return nil
}

func (p part) Keep(ctx context.Context, chunk int, records []schemas.Rows) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fail(ctx, "keep", chunk); err != nil {
		return err
	}
	p.kept[p.unit.Name][chunk] = slices.Clone(records)
	return nil
}

func (p part) Kept(chunk int) ([]schemas.Rows, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[p.unit.Name][chunk], nil
}

func (p part) Commit(ctx context.Context, chunks int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fail(ctx, "commit", chunks); err != nil {
		return err
	}
	rows := []schemas.Rows{}
	for chunk := range chunks {
		records, ok := p.chunks[p.unit.Name][chunk]
		if !ok {
			return fmt.Errorf("commit without chunk %d", chunk)
		}
		rows = append(rows, records...)
	}
	p.published[p.unit.Name], p.digests[p.unit.Name], p.stamps[p.unit.Name] = rows, p.digest, p.unit.Stamp
	delete(p.chunks, p.unit.Name)
	delete(p.kept, p.unit.Name)
	return nil
}

func (p part) fail(ctx context.Context, op string, chunk int) error {
	if ctx.Err() != nil || p.Fail == nil {
		return ctx.Err()
	}
	return p.Fail(op, p.unit.Name, chunk)
}
