package corpus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
)

// unitWriter writes one unit, with checkpoints: a pipeline.UnitWriter.
type unitWriter struct {
	sink   *Sink
	unit   schemas.Unit
	digest string
	key    string
	work   string // directory of the checkpoints

	mu       sync.Mutex
	have     map[int]bool
	versions map[int]chunkVersions  // of the chunks written by this run
	held     map[int][]schemas.Rows // chunks that are only in memory
}

// resume finds the intact checkpoints. A damaged one is removed and its chunk computed again.
func (p *unitWriter) resume(ctx context.Context) error {
	folders, err := p.sink.foldersOf(p.unit.Name)
	if err != nil || len(folders) == 0 {
		return err
	}
	for _, folder := range folders {
		if folder != p.work {
			if err := p.sink.remove(folder); err != nil {
				return err
			}
		}
	}
	files, err := p.sink.dir.List(p.work)
	if err != nil {
		return err
	}
	for _, f := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		chunk := chunkNumber(f)
		if chunk < 0 {
			continue
		}
		err := p.open(chunkPath(p.work, chunk), arrowview.CheckChunk)
		if errors.Is(err, arrowview.ErrCorrupt) {
			p.sink.options.Log(fmt.Sprintf("checkpoint %s is damaged and will be computed again", f))
			err = p.sink.remove(f)
		} else if err == nil {
			p.have[chunk] = true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Have reports whether a chunk is checkpointed.
func (p *unitWriter) Have(chunk int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.have[chunk]
}

// Write checkpoints a chunk.
func (p *unitWriter) Write(ctx context.Context, chunk int, records []schemas.Rows) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.packable() && len(records) < p.sink.configuration.Chunk { // the last one
		p.hold(chunk, records)
		return nil
	}
	if err := p.write(chunkPath(p.work, chunk), records); err != nil {
		return explain(p.sink.root, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.have[chunk] = true
	p.versions[chunk] = chunkVersions{versionsOf(records), len(records)}
	return nil
}

func (p *unitWriter) write(key string, records []schemas.Rows) error {
	f, err := p.sink.dir.Create()
	if err != nil {
		return err
	}
	defer f.Discard()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := arrowview.WriteChunk(w, records); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Publish(key)
}

// read returns the rows of a chunk. A damaged checkpoint is removed, so that the next run computes
// the chunk again.
func (p *unitWriter) read(chunk int) (records []schemas.Rows, err error) {
	p.mu.Lock()
	held, ok := p.held[chunk]
	p.mu.Unlock()
	if ok {
		return slices.Clone(held), nil
	}
	err = p.open(chunkPath(p.work, chunk), func(r io.ReaderAt, size int64) error {
		records, err = arrowview.ReadChunk(r, size)
		return err
	})
	if errors.Is(err, arrowview.ErrCorrupt) {
		err = fmt.Errorf("checkpoint %s: %w: run again to compute it again", chunkPath(p.work, chunk), err)
		return nil, errors.Join(err, p.sink.dir.Remove(chunkPath(p.work, chunk)))
	}
	return records, err
}

func (p *unitWriter) open(key string, use func(r io.ReaderAt, size int64) error) error {
	return openCheckpoint(p.sink.dir, key, use)
}

// openCheckpoint passes a checkpoint and its size to use. A checkpoint that cannot be read is
// store.ErrIO: it may be good.
func openCheckpoint(dir *store.Dir, key string, use func(r io.ReaderAt, size int64) error) error {
	f, err := dir.Open(key)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r := &readErrors{ReaderAt: f}
	if err = use(r, info.Size()); r.err != nil {
		err = fmt.Errorf("checkpoint %s: %w: %w", key, store.ErrIO, r.err)
	}
	return err
}

// readErrors keeps the last error of a reader other than io.EOF.
type readErrors struct {
	io.ReaderAt
	err error
}

// ReadAt reads from the reader.
func (r *readErrors) ReadAt(b []byte, at int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(b, at)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
