package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// Record is one line of JSON lines of texts: an abstract, an article with paragraphs, or any text.
type Record struct {
	ID         Identifier
	PMID       Identifier
	Source     string
	License    string // empty if not stated, as for abstracts
	Title      string
	Abstract   string
	Text       string
	Sections   []RecordSection
	Paragraphs []string
}

// Identifier is a string or a number in JSON; null is "".
type Identifier string

// UnmarshalJSON reads either form.
func (i *Identifier) UnmarshalJSON(data []byte) error {
	if n := strings.Trim(string(data), `"`); n != "null" {
		*i = Identifier(n)
	}
	return nil
}

// RecordSection is a labelled section of a structured abstract.
type RecordSection struct{ Label, Text string }

// UnmarshalJSON reads a section as an object {"label", "text"} or as a pair ["label", "text"].
func (s *RecordSection) UnmarshalJSON(data []byte) error {
	var pair []string
	if err := json.Unmarshal(data, &pair); err == nil {
		if len(pair) != 2 {
			return fmt.Errorf("section: want [label, text], have %d items", len(pair))
		}
		s.Label, s.Text = pair[0], pair[1]
		return nil
	}
	var object struct{ Label, Text string }
	if err := json.Unmarshal(data, &object); err != nil {
		return fmt.Errorf("section: %w", err)
	}
	*s = RecordSection(object)
	return nil
}

// Pool yields the records of a file of JSON lines, plain or gzip.
func Pool(path string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		f, err := open(path)
		if err != nil {
			yield(Record{}, err)
			return
		}
		defer f.Close()
		for r, err := range Records(f) {
			if err != nil {
				err = fmt.Errorf("%s: %w", path, err)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Records yields the records of JSON lines. It ends at the first error, which has the number of the
// record.
func Records(from io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in := json.NewDecoder(from)
		for n := 1; ; n++ {
			var r Record
			err := in.Decode(&r)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("record %d: %w", n, err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Open reports whether the licence of the record allows training a model for distribution: a
// Creative Commons or public-domain licence without a non-commercial or no-derivatives clause.
func (r Record) Open() bool {
	l := strings.ToUpper(r.License)
	if strings.Contains(l, "-NC") || strings.Contains(l, "-ND") || strings.Contains(l, "NON-COMMERCIAL") {
		return false
	}
	return strings.HasPrefix(l, "CC BY") || strings.HasPrefix(l, "CC0") || strings.HasPrefix(l, "PUBLIC DOMAIN")
}

// inlineLabel matches a heading in an abstract: "METHODS: …".
var inlineLabel = regexp.MustCompile(`(?:^|[.?!)] )([A-Z][A-Z ,/&()-]{2,50}): `)

// Document returns the title and the abstract (or the paragraphs, or the text) as a document.
// Headings in the abstract become section labels and are removed from the text.
func (r Record) Document() *schemas.Document {
	d := &schemas.Document{Version: 1, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: r.Title}}}
	if pmid, err := strconv.ParseUint(string(r.PMID), 10, 32); err == nil {
		d.PMID = schemas.PMID(pmid)
	}
	add := func(label, text string) {
		if text = strings.TrimSpace(text); text != "" {
			d.Sections = append(d.Sections, schemas.Section{Kind: schemas.KindAbstract, Label: label, Text: text})
		}
	}
	at := inlineLabel.FindAllStringSubmatchIndex(r.Abstract, -1)
	switch {
	case len(r.Sections) > 0:
		for _, s := range r.Sections {
			add(s.Label, s.Text)
		}
	case len(at) >= 3: // fewer are often no headings: "TRIAL REGISTRATION: "
		add("", r.Abstract[:at[0][2]])
		for i, m := range at {
			end := len(r.Abstract)
			if i+1 < len(at) {
				end = at[i+1][2]
			}
			add(r.Abstract[m[2]:m[3]], r.Abstract[m[1]:end])
		}
	default:
		add("", r.Abstract)
	}
	for _, p := range r.Paragraphs {
		add("", p)
	}
	add("", r.Text)
	return d
}

// Conclusions returns the text of the conclusions of a structured abstract, "" if there are none.
func Conclusions(d *schemas.Document) string {
	var parts []string
	for _, s := range d.Sections {
		label := strings.ToUpper(s.Label)
		if s.Kind == schemas.KindAbstract && (s.Category == "CONCLUSIONS" || strings.HasPrefix(label, "CONCLUSION")) {
			parts = append(parts, s.Text)
		}
	}
	return strings.Join(parts, " ")
}

// Unlabelled returns the document with its abstract as one section without a label. Text is the
// same.
func Unlabelled(d *schemas.Document) *schemas.Document {
	u := *d
	u.Sections = []schemas.Section{{Kind: schemas.KindTitle, Text: d.Title()}}
	if a := d.Abstract(); a != "" {
		u.Sections = append(u.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: a})
	}
	return &u
}
