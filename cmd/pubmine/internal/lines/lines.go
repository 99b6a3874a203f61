// Package lines reads texts, one a line, and writes what is found in each as a line of JSON.
//
// An input line is a JSON object with a string "text" and any "id"; what else it has is passed
// over, and so are lines of white space. As plain text every line is a text, empty ones too. Where
// no id is given it is the number of the line, counted from 1 over all inputs. An output line has
// the id as it was given. Spans count Unicode code points of the text.
//
// Lines are written in the order of the inputs, each as soon as the next read could wait for input.
package lines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/pubmine/pubmine/schemas"
)

// Text is one input line.
type Text struct {
	ID   json.RawMessage
	Text string
}

// Row appends the members of the output object that follow the id, the comma before each included,
// to dst.
type Row func(dst []byte, text string) []byte

// Writer writes the rows of texts.
type Writer struct {
	out   *bufio.Writer
	plain bool
	row   Row
	count int // lines read
	line  []byte
}

// NewWriter returns the Writer of rows to out. If plain is set the inputs are plain text, not JSON.
func NewWriter(out io.Writer, plain bool, row Row) *Writer {
	return &Writer{out: bufio.NewWriterSize(out, bufferSize), plain: plain, row: row}
}

const (
	bufferSize = 1 << 16
	// Maximum length of a line in bytes, so that a file of another kind does not fill the memory.
	longestLine = 1 << 26
)

// Read reads an input to its end. A line that cannot be read is a schemas.BadInputError with the
// name of the input and the number of the line in it; the rows of the lines before it are written.
// The input is read no further once stop returns an error, and Read returns that.
func (w *Writer) Read(name string, in io.Reader, stop func() error) error {
	scanner := bufio.NewScanner(flushing{in, w.out})
	scanner.Buffer(make([]byte, bufferSize), longestLine)
	number := 0
	for scanner.Scan() {
		number++
		w.count++
		if err := stop(); err != nil {
			return errors.Join(err, w.out.Flush())
		}
		text, err := w.parse(scanner.Bytes())
		switch {
		case err != nil:
			return errors.Join(
				&schemas.BadInputError{Path: name, Err: fmt.Errorf("line %d: %w", number, err)}, w.out.Flush(),
			)
		case text.ID == nil:
			continue
		}
		w.line = append(append(w.line[:0], `{"id":`...), text.ID...)
		w.line = append(w.row(w.line, text.Text), '}', '\n')
		if _, err := w.out.Write(w.line); err != nil {
			return err
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		err := fmt.Errorf("line %d: longer than %d MiB: give one text a line", number+1, longestLine>>20)
		return errors.Join(&schemas.BadInputError{Path: name, Err: err}, w.out.Flush())
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	}
	return w.out.Flush()
}

// parse returns the text of a line; its ID is nil if there is none.
func (w *Writer) parse(line []byte) (Text, error) {
	number := strconv.AppendInt(nil, int64(w.count), 10)
	if w.plain {
		return Text{ID: number, Text: string(line)}, nil
	}
	if len(bytes.TrimSpace(line)) == 0 {
		return Text{}, nil
	}
	var t struct {
		ID   json.RawMessage
		Text *string
	}
	const wanted = `want {"id": ..., "text": "..."}, or plain text with --text`
	if err := json.Unmarshal(line, &t); err != nil {
		return Text{}, fmt.Errorf("%w: %s", plainly(err), wanted)
	}
	if t.Text == nil {
		return Text{}, fmt.Errorf(`it has no "text": %s`, wanted)
	}
	if t.ID == nil {
		t.ID = number
	}
	t.ID = bytes.ReplaceAll(t.ID, []byte{'\r'}, []byte{' '}) // a control, which can only be white space here
	return Text{ID: t.ID, Text: *t.Text}, nil
}

// plainly explains in plain words that JSON has the wrong type.
func plainly(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("it is of type %s, not an object", wrong.Value)
	}
	return fmt.Errorf(`its "text" is of type %s, not a string`, wrong.Value)
}

// flushing writes out what is done before it reads on, so that nobody waits for a row behind a
// pipe.
type flushing struct {
	io.Reader
	out *bufio.Writer
}

// Read reads.
func (f flushing) Read(p []byte) (int, error) {
	if err := f.out.Flush(); err != nil {
		return 0, err
	}
	return f.Reader.Read(p)
}
