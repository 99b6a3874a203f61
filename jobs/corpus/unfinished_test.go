package corpus

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
)

func TestUnfinishedUnitsAreListed(t *testing.T) {
	root := filepath.Join(t.TempDir(), "C")
	s, err := Create(root, Configuration{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for unit, chunks := range map[string]int{"b": 2, "a-1": 1, "none": 0} {
		part, err := s.Open(context.Background(), schemas.Unit{Name: unit}, unit)
		if err != nil {
			t.Fatal(err)
		}
		for chunk := range chunks {
			if err := part.Write(context.Background(), chunk, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	c, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Unfinished()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Unfinished{{"a-1", 1}, {"b", 2}}, got); diff != "" {
		t.Error(diff)
	}
}
