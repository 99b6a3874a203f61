// Package texts reads plain texts to train and to measure language models on, whatever they are
// written in:
//
//	text               a document a line
//	JSON lines         {"title", "abstract"}, {"text"} or {"paragraphs": [...]}, with "pmid" or "id" where there is one (see dataset.Record)
//	PubMed XML         the records that can be read; revised and deleted ones are not told apart
//	annotated formats  PubTator, BioC and the others of package corpus: their texts
//
// each plain or gzip. The content tells the format. A folder is all files below it, in the order of
// their names, but for hidden ones and notes.
package texts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// headSize is how much of a file tells its format.
const headSize = 64 << 10

// maxLine is the length beyond which a line is refused: no document is as long.
const maxLine = 64 << 20

// Read reads a file or a folder. Documents without text are left out. What cannot be read is a
// *schemas.BadInputError, as is a path without a single document; what is not there is an
// fs.ErrNotExist.
func Read(path string) (docs []*schemas.Document, err error) {
	err = dataset.Walk(path, func(name string) error {
		more, err := readFile(name)
		docs = append(docs, more...)
		return err
	})
	if err == nil && len(docs) == 0 {
		err = &schemas.BadInputError{Path: path, Err: errors.New("there are no texts in it")}
	}
	return docs, err
}

func readFile(path string) (docs []*schemas.Document, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := unpack(f)
	if err != nil {
		return nil, &schemas.BadInputError{Path: path, Err: err}
	}
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &schemas.BadInputError{Path: path, Err: err}
	}
	switch kindOf(head) {
	case xml:
		docs, err = records(in, path)
	case annotated:
		docs, err = examples(path)
	case json:
		docs, err = jsonLines(in)
	default:
		docs, err = lines(in)
	}
	var bad *schemas.BadInputError
	if err != nil && !errors.As(err, &bad) {
		err = &schemas.BadInputError{Path: path, Err: err}
	}
	kept := docs[:0]
	for _, d := range docs {
		if strings.TrimSpace(d.Text()) != "" {
			kept = append(kept, d)
		}
	}
	return kept, err
}

// unpack reads a file as it is, or what it holds where it is gzip.
func unpack(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, headSize)
	if magic, err := in.Peek(2); err != nil || string(magic) != "\x1f\x8b" {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("unpack gzip: %w", err)
	}
	return bufio.NewReaderSize(z, headSize), nil
}

// kind is what a file is written in.
type kind int

const (
	plain kind = iota
	xml
	annotated
	json
)

func kindOf(head []byte) kind {
	text := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	if len(text) == 0 {
		return plain
	}
	format, err := dataset.Detect(head)
	switch {
	case text[0] == '<' && slices.ContainsFunc([]string{"<PubmedArticle", "<PubmedBookArticle", "<MedlineCitation"}, func(tag string) bool { return bytes.Contains(text, []byte(tag)) }):
		return xml
	case text[0] == '{' && (err != nil || format == dataset.FormatJSONLines):
		return json
	case err == nil || text[0] == '<' || text[0] == '[':
		return annotated
	}
	return plain
}

func lines(r io.Reader) (docs []*schemas.Document, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	for in.Scan() {
		docs = append(docs, document(strings.ToValidUTF8(strings.TrimPrefix(in.Text(), "\ufeff"), "\ufffd")))
	}
	return docs, in.Err()
}

// document makes one of a text.
func document(text string) *schemas.Document {
	return &schemas.Document{
		Version: 1, Sections: []schemas.Section{{Kind: schemas.KindAbstract, Text: strings.TrimSpace(text)}},
	}
}

// jsonLines reads records.
func jsonLines(r io.Reader) (docs []*schemas.Document, err error) {
	for record, err := range dataset.Records(r) {
		if err != nil {
			return docs, err
		}
		docs = append(docs, record.Document())
	}
	return docs, nil
}

func examples(path string) (docs []*schemas.Document, err error) {
	read, _, err := dataset.Read(path, dataset.Own(filepath.Base(path), "train", true))
	for _, e := range read {
		docs = append(docs, e.Doc)
	}
	return docs, err
}

func records(r io.Reader, name string) (docs []*schemas.Document, err error) {
	var reject *schemas.Reject
	for d, err := range pubmed.Documents(r, name) {
		switch {
		case errors.As(err, &reject): // is of no use here, and a run says what is wrong with it
		case err != nil:
			return docs, err
		default:
			docs = append(docs, d)
		}
	}
	return docs, nil
}
