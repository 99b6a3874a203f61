// Package sourcestest holds what every source of documents must satisfy, for the tests of sources.
package sourcestest

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// Run checks a source whose units can all be read: stable units with names that are safe as file
// names, repeatable digests and documents also from a second source made the same way, an early
// stop, and a context that is honoured.
func Run(t *testing.T, newSource func(t *testing.T) sources.Input) {
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
			first := Read(t, one, u)
			for _, source := range []sources.Input{one, other} {
				if diff := cmp.Diff(first, Read(t, source, u)); diff != "" {
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
	t.Run("cancelled", func(t *testing.T) { checkCancelled(t, units, newSource(t)) })
}

var safe = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func checkUnits(t *testing.T, units []schemas.Unit, one, other sources.Input) {
	names := make(map[string]bool)
	for _, u := range units {
		if !safe.MatchString(u.Name) {
			t.Errorf("unit name %q is not safe as a file name", u.Name)
		}
		if names[strings.ToLower(u.Name)] {
			t.Errorf("unit name %q stands twice", u.Name)
		}
		names[strings.ToLower(u.Name)] = true
	}
	for _, source := range []sources.Input{one, other} {
		again, err := source.Units(context.Background())
		if err != nil {
			t.Fatalf("Units: %v", err)
		}
		if diff := cmp.Diff(units, again); diff != "" {
			t.Errorf("a second list differs (-first +second):\n%s", diff)
		}
	}
}

func checkDigests(t *testing.T, units []schemas.Unit, one, other sources.Input) {
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

func checkCancelled(t *testing.T, units []schemas.Unit, source sources.Input) {
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

// Item is one thing that a sequence of documents yields.
type Item struct {
	Document *schemas.Document
	Reject   *schemas.Reject
}

// Read returns all that a unit holds. Any error but a reject fails the test.
func Read(t *testing.T, source sources.Input, u schemas.Unit) []Item {
	t.Helper()
	var items []Item
	for doc, err := range source.Documents(context.Background(), u) {
		item := Item{Document: doc}
		if err != nil && !errors.As(err, &item.Reject) {
			t.Fatalf("%s: %v", u.Name, err)
		}
		items = append(items, item)
	}
	return items
}
