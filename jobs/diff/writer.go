package diff

import (
	"fmt"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/pubmine/pubmine/jobs/store"
)

// groupRows is the number of rows that a Writer keeps in memory.
const groupRows = 64 << 10

// Writer writes a file of differences, which appears when it is published.
type Writer struct {
	path string
	file *store.File
	rows *parquet.GenericWriter[Change]
	n    int
}

// NewWriter begins a file, or returns store.ErrTaken. The caller ends it with Publish or Discard.
func NewWriter(path string) (*Writer, error) {
	f, err := store.CreateNew(path)
	if err != nil {
		return nil, err
	}
	rows := parquet.NewGenericWriter[Change](f, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}))
	return &Writer{path: path, file: f, rows: rows}, nil
}

// Write appends a row.
func (w *Writer) Write(c Change) error {
	_, err := w.rows.Write([]Change{c})
	if w.n++; err == nil && w.n%groupRows == 0 {
		err = w.rows.Flush()
	}
	return w.explain(err)
}

// Rows is the number of rows that were written.
func (w *Writer) Rows() int { return w.n }

// Publish completes the file and gives it its name, durably, or returns store.ErrTaken.
func (w *Writer) Publish() error {
	defer w.Discard()
	if err := w.rows.Close(); err != nil {
		return w.explain(err)
	}
	return w.file.PublishNew(filepath.Base(w.path))
}

func (w *Writer) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s: %w", w.path, err)
}

// Discard removes what is not published.
func (w *Writer) Discard() { w.file.Discard() }
