package pipelinetest

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// RunSource checks that a kind of source keeps the promises of pipeline.Source. All units of the
// source must be readable.
func RunSource(t *testing.T, newSource func(t *testing.T) pipeline.Source) {
	t.Helper()
	ctx := context.Background()
	one, other := newSource(t), newSource(t)
	units, err := one.Units(ctx)
	if err != nil {
		t.Fatalf("Units: %v", err)
	}
	t.Run("units", func(t *testing.T) { checkUnits(t, units, one, other) })
	t.Run("digests", func(t *testing.T) { checkDigests(t, units, one, other) })
	t.Run("documents", func(t *testing.T) {
		for _, u := range units {
			first := ReadUnit(t, one, u)
			for _, source := range []pipeline.Source{one, other} {
				if diff := cmp.Diff(first, ReadUnit(t, source, u)); diff != "" {
					t.Errorf("%s: a second read differs (-first +second):\n%s", u.Name, diff)
				}
			}
		}
	})
	t.Run("stop", func(t *testing.T) {
		for _, u := range units {
			for range one.Documents(ctx, u) {
				break
			}
		}
	})
	t.Run("position", func(t *testing.T) { checkPosition(t, units, newSource(t)) })
	t.Run("cancelled", func(t *testing.T) { checkCancelled(t, units, newSource(t)) })
}

var safe = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func checkUnits(t *testing.T, units []schemas.Unit, one, other pipeline.Source) {
	names := make(map[string]bool)
	for _, u := range units {
		if !safe.MatchString(u.Name) {
			t.Errorf("unit name %q is not safe as a file name", u.Name)
		}
		if names[strings.ToLower(u.Name)] {
			t.Errorf("unit name %q is not unique", u.Name)
		}
		names[strings.ToLower(u.Name)] = true
	}
	for _, source := range []pipeline.Source{one, other} {
		again, err := source.Units(context.Background())
		if err != nil {
			t.Fatalf("Units: %v", err)
		}
		if diff := cmp.Diff(units, again); diff != "" {
			t.Errorf("a second list differs (-first +second):\n%s", diff)
		}
	}
}

func checkDigests(t *testing.T, units []schemas.Unit, one, other pipeline.Source) {
	for _, u := range units {
		first, err := one.Digest(context.Background(), u)
		if err != nil || first == "" {
			t.Fatalf("Digest(%s) = %q, %v", u.Name, first, err)
		}
		second, err := other.Digest(context.Background(), u)
		if err != nil || second != first {
			t.Errorf("Digest(%s) = %q, then %q, %v", u.Name, first, second, err)
		}
	}
}

// checkPosition checks that the position of a Positioner only grows, up to the size.
func checkPosition(t *testing.T, units []schemas.Unit, source pipeline.Source) {
	p, ok := source.(pipeline.Positioner)
	if !ok {
		return
	}
	for _, u := range units {
		last, size := int64(0), int64(0)
		for range source.Documents(context.Background(), u) {
			before := last
			if last, size = p.Position(u); last < before || last > size || last == 0 && size > 0 {
				t.Fatalf("%s: %d of %d is read, after %d", u.Name, last, size, before)
			}
		}
		if last, size = p.Position(u); last != size {
			t.Errorf("%s: %d of %d is read in the end", u.Name, last, size)
		}
	}
}

func checkCancelled(t *testing.T, units []schemas.Unit, source pipeline.Source) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, u := range units {
		var last error
		for _, last = range source.Documents(ctx, u) {
			if last == nil {
				t.Errorf("%s: a document after the context was cancelled", u.Name)
			}
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("%s: the sequence ends in %v after the context was cancelled", u.Name, last)
		}
	}
}

// ReadUnit returns all records of a unit. An error that is not a reject fails the test.
func ReadUnit(t *testing.T, source pipeline.Source, u schemas.Unit) []Record {
	t.Helper()
	var records []Record
	for doc, err := range source.Documents(context.Background(), u) {
		record := Record{Document: doc}
		if err != nil && !errors.As(err, &record.Reject) {
			t.Fatalf("%s: %v", u.Name, err)
		}
		records = append(records, record)
	}
	return records
}
