package pubmed_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// records returns the raw records of a hand-written file.
func records(t testing.TB, path string) [][]byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?s)<PubmedArticle>.*?</PubmedArticle>`).FindAll(raw, -1)
}

// TestMutationsAgreeWithEncodingXML damages a record in a few places and compares what Decode says
// of it with encoding/xml.
func TestMutationsAgreeWithEncodingXML(t *testing.T) {
	const marks = `<>/&;"'=!?-[]x #:A1 ` + "\x00\x80\n"
	base := records(t, "../../testdata/pubmed/articles.xml")
	rapid.Check(t, func(t *rapid.T) {
		raw := bytes.Clone(base[rapid.IntRange(0, len(base)-1).Draw(t, "record")])
		for range rapid.IntRange(0, 3).Draw(t, "mutations") {
			at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
			if tags := bytes.IndexByte(raw[at:], '<'); tags >= 0 && rapid.Bool().Draw(t, "in a tag") {
				at = min(at+tags+rapid.IntRange(0, 12).Draw(t, "within"), len(raw)-1)
			}
			mark := marks[rapid.IntRange(0, len(marks)-1).Draw(t, "mark")]
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				raw = append(raw[:at], raw[at+1:]...)
			case 1:
				raw[at] = mark
			default:
				raw = append(raw[:at], append([]byte{mark}, raw[at:]...)...)
			}
		}
		_, err := pubmed.Decode(raw)
		theirs := parse(raw)
		var reject *schemas.Reject
		if theirs != nil && err == nil {
			t.Fatalf("Decode took what encoding/xml does not: %v", theirs)
		}
		if theirs == nil && errors.As(err, &reject) && reject.Kind == "malformed-xml" && !lax(reject.Message) {
			t.Fatalf("encoding/xml took what Decode did not: %v", reject)
		}
	})
}

// lax reports whether encoding/xml lets through what XML forbids: attributes without white space
// between them, two PMIDs.
func lax(message string) bool {
	return strings.Contains(message, "a broken tag") || strings.Contains(message, "second PMID")
}

// parse says whether encoding/xml takes raw as one well-formed element, with what it leaves to
// others: one root, no text around it, no attribute twice, no declarations.
func parse(raw []byte) error {
	if !utf8.Valid(raw) {
		return errors.New("not UTF-8")
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	depth, roots := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			seen := make(map[xml.Name]bool)
			for _, a := range token.Attr {
				if seen[a.Name] {
					return errors.New("attribute twice")
				}
				seen[a.Name] = true
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && strings.Trim(string(token), " \t\r\n") != "" {
				return errors.New("text outside")
			}
		case xml.Directive:
			return errors.New("declaration")
		}
		if roots > 1 {
			return errors.New("second root")
		}
	}
}

// FuzzDecode looks for panics, and for records that Decode takes and encoding/xml does not.
func FuzzDecode(f *testing.F) {
	for _, raw := range records(f, "../../testdata/pubmed/articles.xml") {
		f.Add(raw)
	}
	f.Add([]byte(`<PubmedArticle><MedlineCitation><PMID Version="1">1</PMID></MedlineCitation></PubmedArticle>`))
	f.Add(
		[]byte(
			`<BookDocument><PMID>1</PMID><![CDATA[<]]><!-- x --><?y z?><Book><PubDate><MedlineDate>1999 ` +
				`Dec-2000</MedlineDate></PubDate></Book></BookDocument>`,
		),
	)
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := pubmed.Decode(raw)
		var reject *schemas.Reject
		switch {
		case err != nil && !errors.As(err, &reject):
			t.Fatalf("%v is no reject", err)
		case err != nil:
			return
		case doc.PMID == 0 || doc.Version < 1 || len(doc.Sections) == 0 || doc.Sections[0].Kind != schemas.KindTitle:
			t.Fatalf("incomplete document %+v", doc)
		case !utf8.ValidString(doc.Text()):
			t.Fatalf("text is not UTF-8: %q", doc.Text())
		case doc.Text() != doc.Title()+" "+strings.TrimSpace(doc.Abstract()):
			t.Fatalf("text is not trimmed: %q", doc.Text())
		}
	})
}
