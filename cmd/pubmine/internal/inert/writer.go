package inert

import (
	"io"
	"sync"
	"unicode/utf8"
)

// Writer is an output that people read. It is safe for concurrent use.
type Writer struct {
	to   io.Writer
	edit func(string) string

	mu   sync.Mutex
	rest []byte // begins a character whose other bytes have not come
}

// NewWriter returns a Writer of texts to w.
func NewWriter(w io.Writer) *Writer { return newWriter(w, Text) }

// NewMessageWriter returns a Writer of messages to w, in which secrets are hidden. A URL must not
// be spread over several writes.
func NewMessageWriter(w io.Writer) *Writer {
	return newWriter(w, func(s string) string { return Text(Redact(s)) })
}

func newWriter(w io.Writer, edit func(string) string) *Writer {
	if inert, ok := w.(*Writer); ok {
		return inert
	}
	return &Writer{to: w, edit: edit}
}

// Unwrap returns the output itself, for what draws on a terminal.
func (w *Writer) Unwrap() io.Writer { return w.to }

// Write writes a text. The bytes of a character may come in several calls.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := append(w.rest, p...)
	end := len(all)
	for i := max(0, end-utf8.UTFMax+1); i < len(all); i++ {
		if utf8.RuneStart(all[i]) && !utf8.FullRune(all[i:]) {
			end = i
			break
		}
	}
	text := w.edit(string(all[:end]))
	w.rest = append([]byte(nil), all[end:]...)
	if _, err := w.to.Write([]byte(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes the beginning of a character that has not ended.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.edit(string(w.rest))
	w.rest = nil
	if text == "" {
		return nil
	}
	_, err := w.to.Write([]byte(text))
	return err
}
