package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
)

// partPath is the checkpoint of the first records of a chunk.
func partPath(work string, chunk int) string {
	return path.Join(work, fmt.Sprintf("part-%04d.arrow", chunk))
}

// Keep checkpoints the first records of a chunk, in place of those kept before: pipeline.Keeper.
// They are removed with the other checkpoints when the unit is published.
func (p *unitWriter) Keep(ctx context.Context, chunk int, records []schemas.Rows) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return explain(p.sink.root, p.write(partPath(p.work, chunk), records))
}

// Kept returns the records of a chunk that were kept. A damaged checkpoint is removed, and its
// records are computed again.
func (p *unitWriter) Kept(chunk int) (records []schemas.Rows, err error) {
	part := partPath(p.work, chunk)
	err = p.open(part, func(r io.ReaderAt, size int64) error {
		records, err = arrowview.ReadChunk(r, size)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, arrowview.ErrCorrupt):
		p.sink.options.Log(fmt.Sprintf("checkpoint %s is damaged and will be computed again", part))
		return nil, p.sink.remove(part)
	}
	return records, explain(p.sink.root, err)
}
