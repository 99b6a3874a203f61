package pubmed

import (
	"fmt"
	"io"
	"iter"

	"github.com/pubmine/pubmine/schemas"
)

// Documents yields the documents of one input, plain XML or gzip, in the order of the file. A
// *schemas.Reject is a bad record, after which the sequence continues. Any other error ends it: a
// *schemas.BadInputError with the given name if the input is not complete PubMed XML, or the error
// of the reader.
func Documents(r io.Reader, name string) iter.Seq2[*schemas.Document, error] {
	return documents(r, name, defaultLimits)
}

func documents(r io.Reader, name string, l limits) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		src := &counter{r: r}
		record := 0
		for got, err := range decodeAll(func() (*splitter, error) { return open(src, l) }) {
			if err != nil {
				yield(nil, classify(src, name, err))
				return
			}
			if got.reject != nil {
				got.reject.Record = record
				record++
				if !yield(nil, got.reject) {
					return
				}
			}
			for doc := range got.documents() {
				record++
				if !yield(doc, nil) {
					return
				}
			}
		}
	}
}

// Sniff checks whether the input begins like PubMed XML. It returns the error with which Documents
// would end: a *schemas.BadInputError, of ErrNotPubMed if the input is readable but something else,
// or the error of the reader. Only the beginning is read.
func Sniff(r io.Reader, name string) error {
	src := &counter{r: r}
	if _, err := open(src, defaultLimits); err != nil {
		return classify(src, name, err)
	}
	return nil
}

func open(src *counter, l limits) (*splitter, error) {
	xml, err := expand(src, l)
	if err != nil {
		return nil, err
	}
	return newSplitter(xml, l.record)
}

// classify distinguishes bad input from a failure to read.
func classify(src *counter, name string, err error) error {
	if src.err != nil {
		return fmt.Errorf("%s: %w", name, src.err)
	}
	return &schemas.BadInputError{Path: name, Err: err}
}
