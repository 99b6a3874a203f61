package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// Format is a format of annotated documents.
type Format string

// The formats that Read accepts.
const (
	FormatPubTator  Format = "PubTator"
	FormatBioCXML   Format = "BioC XML"
	FormatBioCJSON  Format = "BioC JSON"
	FormatCoNLL     Format = "CoNLL"
	FormatJSONLines Format = "JSON lines"
	FormatPubMedQA  Format = "PubMedQA"
	FormatBioGPT    Format = "BioGPT's JSON"
)

const knownFormats = "want PubTator, BioC XML, BioC JSON, CoNLL columns, " +
	"JSON lines with \"title\", \"abstract\" or \"text\", or PubMedQA's or BioGPT's JSON"

// headSize is the number of bytes that Detect looks at.
const headSize = 64 << 10

// Detect returns the format of a file that begins with head.
func Detect(head []byte) (Format, error) {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	text := bytes.TrimSpace(head)
	switch {
	case len(text) == 0:
		return "", errors.New("it is empty")
	case text[0] == '<':
		if bytes.Contains(text, []byte("<collection")) || bytes.Contains(text, []byte("<document")) {
			return FormatBioCXML, nil
		}
		return "", fmt.Errorf("it is XML, but not BioC, which has a <collection> of <document>s: %s", knownFormats)
	case text[0] == '{' || text[0] == '[':
		return detectJSON(text)
	}
	for line := range strings.Lines(string(text)) {
		if _, _, _, ok := passage(strings.TrimRight(line, "\r\n")); ok {
			return FormatPubTator, nil
		}
		columns := conllColumns(strings.TrimRight(line, "\r\n"))
		if n := len(columns); strings.HasPrefix(line, docStart) || n >= 2 && n <= 4 && validTag(columns[n-1]) {
			return FormatCoNLL, nil
		}
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			break
		}
	}
	return "", fmt.Errorf("its first line is of no known format: %s", knownFormats)
}

// detectJSON looks at the first field names.
func detectJSON(head []byte) (Format, error) {
	biogptFields := []string{"title", "abstract", "relations", "triples", "chemical2id", "disease2id"}
	recordFields := []string{"text", "title", "abstract", "sections", "mentions", "entities"}
	in := json.NewDecoder(bytes.NewReader(head))
	depth, lists := 0, 0
	for n := 0; n < 10_000; n++ {
		token, err := in.Token()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '[':
				lists++
				fallthrough
			case '{':
				depth++
			case ']':
				lists--
				fallthrough
			case '}':
				depth--
			}
		case string:
			switch {
			case token == "passages" || token == "documents" || token == "PubTator3":
				return FormatBioCJSON, nil
			case token == "QUESTION" || token == "CONTEXTS":
				return FormatPubMedQA, nil
			case depth == 2 && lists == 0 && slices.Contains(biogptFields, token):
				return FormatBioGPT, nil // documents are members, not items
			case depth <= 2 && slices.Contains(recordFields, token):
				return FormatJSONLines, nil
			}
		}
	}
	return "", fmt.Errorf("it is JSON with no known fields: %s", knownFormats)
}

// Read reads a file, plain or gzip, or the files of a folder (see Walk). All examples of a path
// annotate the types that occur in any of them. A file that cannot be read is a
// *schemas.BadInputError with the line or byte.
func Read(path string, rules Rules) ([]Example, Stats, error) {
	var all []Example
	var stats Stats
	err := Walk(path, func(name string) error {
		examples, counts, err := readFile(name, rules)
		if err != nil {
			return &schemas.BadInputError{Path: name, Err: err}
		}
		all = append(all, examples...)
		stats.Add(counts)
		return nil
	})
	if err == nil && len(all) == 0 {
		err = &schemas.BadInputError{Path: path, Err: fmt.Errorf("there are no documents in it: %s", knownFormats)}
	}
	rules.annotate(all)
	return all, stats, err
}

// ReadUser reads annotations that a user brings, under the name of the path; rawTypes keeps the
// names of types (see UserRules). That no mention at all is at its offsets is an error.
func ReadUser(path, split string, rawTypes bool) ([]Example, Stats, error) {
	examples, stats, err := Read(path, UserRules(filepath.Base(path), split, rawTypes))
	if err == nil && stats.Dropped > 0 && stats.Mentions == 0 {
		err = &schemas.BadInputError{Path: path, Err: fmt.Errorf(
			`no mention matches the text at its offsets, which must count the characters of `+
				`title + " " + abstract from 0; the first: %s`, stats.FirstDropped)}
	}
	return examples, stats, err
}

// Walk calls read with a file, or with all files below a folder in lexical order, except hidden
// files and notes about the others (README, LICENSE, *.md).
func Walk(path string, read func(name string) error) error {
	return filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != path && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir() || name != path && isNote(entry.Name()):
			return nil
		}
		return read(name)
	})
}

// isNote reports whether a file in a folder is about the others.
func isNote(name string) bool {
	name = strings.ToUpper(name)
	return strings.HasPrefix(name, "README") || strings.HasPrefix(name, "LICENSE") ||
		strings.HasPrefix(name, "LICENCE") ||
		strings.HasSuffix(name, ".MD")
}

func readFile(path string, rules Rules) (examples []Example, stats Stats, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, stats, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return parse(f, rules)
}

// parse reads the content of a file.
func parse(r io.Reader, rules Rules) ([]Example, Stats, error) {
	in, head, err := unpack(r)
	if err != nil {
		return nil, Stats{}, err
	}
	format, err := Detect(head)
	if err != nil {
		return nil, Stats{}, err
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		if _, err := in.Discard(len("\ufeff")); err != nil {
			return nil, Stats{}, err
		}
	}
	switch format {
	case FormatBioCXML:
		return BioCXML(in, rules)
	case FormatBioCJSON:
		return BioCJSON(in, rules)
	case FormatCoNLL:
		return CoNLL(in, rules)
	case FormatJSONLines:
		return JSONLines(in, rules)
	case FormatPubMedQA:
		return questions(in, rules)
	case FormatBioGPT:
		return BioGPT(in, rules)
	}
	return PubTator(in, rules)
}

// unpack reads a file, or the content of a gzip file, and returns its head, too.
func unpack(r io.Reader) (in *bufio.Reader, head []byte, err error) {
	in = bufio.NewReaderSize(r, headSize)
	if magic, err := in.Peek(2); err == nil && string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("unpack gzip: %w", err)
		}
		in = bufio.NewReaderSize(z, headSize)
	}
	head, err = in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("unpack gzip: %w", err)
	}
	return in, head, nil
}

// questions reads PubMedQA's questions as examples.
func questions(r io.Reader, rules Rules) ([]Example, Stats, error) {
	asked, err := PubMedQA(r)
	var examples []Example
	for _, q := range asked {
		examples = append(examples, Example{
			Corpus: rules.Corpus, Split: rules.Split, ID: fmt.Sprint(q.Doc.PMID), Doc: q.Doc,
			Question: q.Question, Answer: q.Decision, Conclusions: q.LongAnswer,
		})
	}
	return examples, Stats{Documents: len(examples)}, err
}
