package bulk

import "context"

// Ahead is a Site that can fetch one file while another is at work. It is used from one goroutine.
type Ahead struct {
	Site
	next *fetch // nil before Begin
}

// fetch is a file on its way here.
type fetch struct {
	file   File
	cancel context.CancelFunc
	done   chan struct{} // closed when path and err are there
	path   string
	err    error
}

// Begin starts to fetch a file, in place of the one that it was last called for.
func (a *Ahead) Begin(ctx context.Context, f File) {
	if a.next != nil && a.next.file == f {
		return
	}
	a.End()
	ctx, cancel := context.WithCancel(ctx)
	n := &fetch{file: f, cancel: cancel, done: make(chan struct{})}
	a.next = n
	go func() {
		defer close(n.done)
		n.path, n.err = a.Site.Fetch(ctx, f)
	}()
}

// Fetch waits for a file that was begun; any other one, and one that did not come, is fetched now.
func (a *Ahead) Fetch(ctx context.Context, f File) (string, error) {
	if a.next == nil || a.next.file != f {
		return a.Site.Fetch(ctx, f)
	}
	n := a.next
	select {
	case <-n.done:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	a.End()
	if n.err == nil {
		return n.path, nil
	}
	return a.Site.Fetch(ctx, f)
}

// End gives up what was begun and is not here yet. What came of it is taken up by the next Fetch of
// the file.
func (a *Ahead) End() {
	if a.next != nil {
		a.next.cancel()
		<-a.next.done
		a.next = nil
	}
}
