package bulk

import "context"

// Ahead is a Site that downloads one file in advance, while another is being processed. It is used
// from one goroutine.
type Ahead struct {
	Site
	next *prefetch // nil before Begin
}

// prefetch is a download in the background.
type prefetch struct {
	file   File
	cancel context.CancelFunc
	done   chan struct{} // closed once path and err are set
	path   string
	err    error
}

// Begin starts to fetch a file. It ends the download that an earlier call began for another file.
func (a *Ahead) Begin(ctx context.Context, f File) {
	if a.next != nil && a.next.file == f {
		return
	}
	a.End()
	ctx, cancel := context.WithCancel(ctx)
	n := &prefetch{file: f, cancel: cancel, done: make(chan struct{})}
	a.next = n
	go func() {
		defer close(n.done)
		n.path, n.err = a.Site.Fetch(ctx, f)
	}()
}

// Fetch waits for the file of Begin. It fetches any other file, and one whose download failed, now.
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

// End stops the download of Begin. A later Fetch of the file resumes it.
func (a *Ahead) End() {
	if a.next != nil {
		a.next.cancel()
		<-a.next.done
		a.next = nil
	}
}
