package pubmed

import (
	"fmt"
	"io"
	"iter"

	"github.com/pubmine/pubmine/schemas"
)

// Documents yields the documents of one input, plain XML or gzip, in the order of the file. With a
// *schemas.Reject the record is bad and the sequence goes on. Any other error ends it: a
// *schemas.BadInputError under the given name when the input is no whole PubMed XML, or the
// reader's own error.
func Documents(r io.Reader, name string) iter.Seq2[*schemas.Document, error] {
	return documents(r, name, defaultLimits)
}

func documents(r io.Reader, name string, l limits) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		device := &counter{r: r}
		record := 0
		for got, err := range decodeAll(func() (*splitter, error) { return open(device, l) }) {
			if err != nil {
				yield(nil, blame(device, name, err))
				return
			}
			if got.reject != nil {
				got.reject.Record = record
				record++
				if !yield(nil, got.reject) {
					return
				}
			}
			for _, doc := range got.docs {
				record++
				if !yield(doc, nil) {
					return
				}
			}
		}
	}
}

// Sniff reports whether the input begins like PubMed XML. The error is what Documents would end
// with: a *schemas.BadInputError, of ErrNotPubMed when the input is whole but something else, or
// the reader's own error. Only the beginning is read.
func Sniff(r io.Reader, name string) error {
	device := &counter{r: r}
	if _, err := open(device, defaultLimits); err != nil {
		return blame(device, name, err)
	}
	return nil
}

func open(device *counter, l limits) (*splitter, error) {
	xml, err := expand(device, l)
	if err != nil {
		return nil, err
	}
	return newSplitter(xml, l.record)
}

// blame tells an input that cannot be read from a device that fails.
func blame(device *counter, name string, err error) error {
	if device.err != nil {
		return fmt.Errorf("%s: %w", name, device.err)
	}
	return &schemas.BadInputError{Path: name, Err: err}
}
