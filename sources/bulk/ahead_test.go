package bulk

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// slow is a site whose files come when they are let go.
type slow struct {
	Site
	let map[string]chan error // by name

	mu    sync.Mutex
	asked []string
}

func (s *slow) Fetch(ctx context.Context, f File) (string, error) {
	s.mu.Lock()
	s.asked = append(s.asked, f.Name)
	s.mu.Unlock()
	select {
	case err := <-s.let[f.Name]:
		return "here/" + f.Name, err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func TestAhead(t *testing.T) {
	ctx, stop := context.WithCancelCause(context.Background())
	files := listed(1, 2)
	s := &slow{let: map[string]chan error{}}
	for _, f := range files {
		s.let[f.Name] = make(chan error, 9)
	}
	a := &Ahead{Site: s}
	get := func(f File) {
		t.Helper()
		if path, err := a.Fetch(ctx, f); err != nil || path != "here/"+f.Name {
			t.Errorf("%s, %v", path, err)
		}
	}
	a.Begin(ctx, files[0])
	a.Begin(ctx, files[0])
	s.let[files[0].Name] <- nil
	get(files[0])
	a.Begin(ctx, files[1])
	s.let[files[1].Name] <- errors.New("broken")
	s.let[files[1].Name] <- nil
	get(files[1]) // on the second try
	a.Begin(ctx, files[2])
	s.let[files[0].Name] <- nil
	get(files[0])
	a.Begin(ctx, files[1]) // gives up the other one
	a.Begin(ctx, files[2])
	stop(errors.New("enough"))
	if _, err := a.Fetch(ctx, files[2]); err == nil || err.Error() != "enough" {
		t.Errorf("got %v", err)
	}
	a.End()
	a.End()
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.asked)
	if want := []string{files[0].Name, files[0].Name, files[1].Name, files[1].Name}; !slices.Equal(s.asked[:4], want) ||
		len(s.asked) < 6 {
		t.Errorf("asked for %v", s.asked)
	}
}
