package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// maxLine is the maximum length of a line of plain text, in bytes.
const maxLine = 64 << 20

// ReadTexts reads the documents of a file, plain or gzip, or of the files of a folder (see Walk),
// to train and to measure language models:
//
//	text               a document per line
//	JSON lines         {"title", "abstract"}, {"text"} or {"paragraphs": [...]} (see Record)
//	PubMed XML         the records that can be read; revised and deleted ones are not told apart
//	annotated formats  the texts of those that Read knows
//
// The content tells the format. Documents without text are left out. A file that cannot be read, or
// a path without documents, is a *schemas.BadInputError; a path that does not exist is an
// fs.ErrNotExist.
func ReadTexts(path string) (docs []*schemas.Document, err error) {
	err = Walk(path, func(name string) error {
		more, err := readTextFile(name)
		docs = append(docs, more...)
		return err
	})
	if err == nil && len(docs) == 0 {
		err = &schemas.BadInputError{Path: path, Err: errors.New("there are no texts in it")}
	}
	return docs, err
}

func readTextFile(path string) (docs []*schemas.Document, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	docs, err = parseTexts(f, path)
	var bad *schemas.BadInputError
	if err != nil && !errors.As(err, &bad) {
		err = &schemas.BadInputError{Path: path, Err: err}
	}
	return slices.DeleteFunc(docs, func(d *schemas.Document) bool { return strings.TrimSpace(d.Text()) == "" }), err
}

func parseTexts(r io.Reader, name string) ([]*schemas.Document, error) {
	in, head, err := unpack(r)
	if err != nil {
		return nil, err
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	if len(text) == 0 {
		return textLines(in)
	}
	format, err := Detect(head)
	switch {
	case isPubMedXML(text):
		return pubmedTexts(in, name)
	case text[0] == '{' && (err != nil || format == FormatJSONLines):
		return recordTexts(in)
	case err == nil || text[0] == '<' || text[0] == '[':
		examples, _, err := parse(in, UserRules(name, "train", true))
		docs := make([]*schemas.Document, len(examples))
		for i, e := range examples {
			docs[i] = e.Doc
		}
		return docs, err
	}
	return textLines(in)
}

func isPubMedXML(text []byte) bool {
	return text[0] == '<' && slices.ContainsFunc(
		[]string{"<PubmedArticle", "<PubmedBookArticle", "<MedlineCitation"},
		func(tag string) bool { return bytes.Contains(text, []byte(tag)) },
	)
}

// textLines reads a document per line.
func textLines(r io.Reader) (docs []*schemas.Document, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	for in.Scan() {
		text := strings.ToValidUTF8(strings.TrimPrefix(in.Text(), "\ufeff"), "\ufffd")
		docs = append(docs, &schemas.Document{
			Version: 1, Sections: []schemas.Section{{Kind: schemas.KindAbstract, Text: strings.TrimSpace(text)}},
		})
	}
	return docs, in.Err()
}

func recordTexts(r io.Reader) (docs []*schemas.Document, err error) {
	for record, err := range Records(r) {
		if err != nil {
			return docs, err
		}
		docs = append(docs, record.Document())
	}
	return docs, nil
}

func pubmedTexts(r io.Reader, name string) (docs []*schemas.Document, err error) {
	var reject *schemas.Reject
	for d, err := range pubmed.Documents(r, name) {
		switch {
		case errors.As(err, &reject): // useless here, and pubmine run reports it
		case err != nil:
			return docs, err
		default:
			docs = append(docs, d)
		}
	}
	return docs, nil
}
