package pubmed_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pubmine/pubmine/sources/pubmed"
)

func readFile(t *testing.T, path string) outcome {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return read(bytes.NewReader(raw))
}

func TestEncodings(t *testing.T) {
	declared := func(encoding, title string) string {
		return `<?xml version="1.0" encoding=` + encoding + "?>" + strings.TrimPrefix(
			set(article("1", title)), `<?xml version="1.0"?>`,
		)
	}
	tests := map[string]struct{ input, title string }{
		"UTF-8":             {declared(`"UTF-8"`, "café α"), "café α"},
		"utf8, apostrophes": {declared(`'utf8'`, "café α"), "café α"},
		"US-ASCII":          {declared(`"US-ASCII"`, "caf&#xe9;"), "café"},
		"latin 1":           {declared(`"ISO-8859-1"`, "caf\xe9 37 \xb0C"), "café 37 °C"},
		"windows":           {declared(`"windows-1252"`, "\x93caf\xe9\x94 \x80"), "“café” €"},
		"nothing declared":  {set(article("1", "café")), "café"},
		"mark wins":         {"\uFEFF" + declared(`"ISO-8859-1"`, "café"), "café"},
		"latin 1, packed":   {string(packed(t, declared(`"iso-8859-1"`, "caf\xe9"))), "café"},
		"in the title":      {set(article("1", `encoding="EBCDIC"`)), `encoding="EBCDIC"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := readString(test.input)
			if got.err != nil || len(got.docs) != 1 || got.docs[0].Title() != test.title {
				t.Errorf(
					"%d documents, error %v, rejects %v; want title %q", len(got.docs), got.err, got.rejects,
					test.title,
				)
			}
		})
	}
}

// Zeros after the last member are padding. Anything else after a member, zeros before another
// included, is not.
func TestPaddedGzip(t *testing.T) {
	whole := set(article("1", "One"))
	first, second := string(packed(t, whole[:100])), string(packed(t, whole[100:]))
	zeros := strings.Repeat("\x00", 100_000)
	for name, test := range map[string]struct {
		input, message string
	}{
		"no padding":         {first + second, ""},
		"one zero":           {first + second + "\x00", ""},
		"many zeros":         {first + second + zeros, ""},
		"an empty member":    {first + string(packed(t, "")) + second + zeros, ""},
		"zeros and junk":     {first + second + zeros + "junk", "junk after the end"},
		"zeros in between":   {first + zeros + second, "junk after the end"},
		"zeros for a half":   {first + zeros, "truncated XML"},
		"junk":               {first + second + "more than a header", "junk after the end"},
		"a part of a header": {first + second + "\x1f\x8b", "truncated gzip"},
	} {
		for size, r := range map[string]io.Reader{
			"whole": strings.NewReader(test.input), "byte by byte": iotest.OneByteReader(strings.NewReader(test.input)),
		} {
			got := read(r)
			if test.message == "" && (got.err != nil || len(got.docs) != 1) {
				t.Errorf("%s, %s: %d documents, %v", name, size, len(got.docs), got.err)
			}
			if test.message != "" && (got.err == nil || !strings.Contains(got.err.Error(), test.message)) {
				t.Errorf("%s, %s: %v, want %q", name, size, got.err, test.message)
			}
		}
	}
}

// TestMixtures puts every kind of record in one file, and expects them in the order of the file.
func TestMixtures(t *testing.T) {
	book := "<PubmedBookArticle><BookDocument><PMID>5</PMID></BookDocument></PubmedBookArticle>"
	got := readString(
		set(
			article("1", "One"), article("x", "bad"), book, article("2", "Two"),
			"<DeleteCitation><PMID Version='3'>7</PMID><PMID>8</PMID></DeleteCitation>", article("2", "again"),
		),
	)
	var line string
	for _, doc := range got.docs {
		line += fmt.Sprintf("%d.%d %v; ", doc.PMID, doc.Version, doc.Deleted)
	}
	if want := "1.1 false; 5.1 false; 2.1 false; 7.3 true; 8.1 true; 2.1 false; "; line != want || got.err != nil {
		t.Errorf("got %s, error %v; want %s", line, got.err, want)
	}
	if len(got.rejects) != 1 || got.rejects[0].Record != 1 {
		t.Errorf("rejects %v", got.rejects)
	}
}

func ExampleDocuments() {
	xml := `<PubmedArticleSet>
  <PubmedArticle><MedlineCitation><PMID Version="1">1</PMID>
    <Article><ArticleTitle>CO<sub>2</sub> and <i>p</i> &lt; 0.05</ArticleTitle></Article>
  </MedlineCitation></PubmedArticle>
  <PubmedArticle><MedlineCitation><PMID Version="1">2</PMID>
    <Article><ArticleTitle>CO<sub>2</i></ArticleTitle></Article>
  </MedlineCitation></PubmedArticle>
  <DeleteCitation><PMID Version="1">3</PMID></DeleteCitation>
</PubmedArticleSet>`
	for doc, err := range pubmed.Documents(strings.NewReader(xml), "example.xml") {
		switch {
		case err != nil:
			fmt.Println(err)
		case doc.Deleted:
			fmt.Println(doc.PMID, "is deleted")
		default:
			fmt.Println(doc.PMID, doc.Title())
		}
	}
	// Output:
	// 1 CO2 and p < 0.05
	// decode: malformed-xml: </i> where </sub> is due (byte 98 of the record)
	// 3 is deleted
}
