package pubmed_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// outcome is what a whole input gives.
type outcome struct {
	docs    []*schemas.Document
	rejects []*schemas.Reject
	err     error
}

func read(r io.Reader) outcome {
	var o outcome
	for doc, err := range pubmed.Documents(r, "in.xml") {
		var reject *schemas.Reject
		switch {
		case errors.As(err, &reject):
			o.rejects = append(o.rejects, reject)
		case err != nil:
			o.err = err
		default:
			o.docs = append(o.docs, doc)
		}
	}
	return o
}

func readString(s string) outcome { return read(strings.NewReader(s)) }

func packed(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&out)
		if _, err := io.WriteString(w, part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// article is the smallest record.
func article(pmid, title string) string {
	return `<PubmedArticle><MedlineCitation><PMID Version="1">` + pmid + `</PMID><Article><ArticleTitle>` + title +
		`</ArticleTitle></Article></MedlineCitation></PubmedArticle>`
}

func set(records ...string) string {
	return "<?xml version=\"1.0\"?>\n<PubmedArticleSet>\n" + strings.Join(records, "\n") + "\n</PubmedArticleSet>\n"
}

func TestWholeInputs(t *testing.T) {
	two := set(article("1", "One"), article("2", "Two"))
	tests := map[string]struct {
		input []byte
		docs  int
	}{
		"plain":                 {[]byte(two), 2},
		"byte order mark":       {[]byte("\uFEFF" + two), 2},
		"gzip":                  {packed(t, two), 2},
		"gzip, two members":     {packed(t, two[:200], two[200:]), 2},
		"gzip, an empty member": {packed(t, two, ""), 2},
		"empty set":             {[]byte("<PubmedArticleSet/>"), 0},
		"empty set, two tags":   {[]byte("<PubmedArticleSet></PubmedArticleSet>"), 0},
		"bare article":          {[]byte(article("3", "Three")), 1},
		"bare citation": {
			[]byte("<!-- x --><MedlineCitation><PMID>4</PMID></MedlineCitation  ><!-- y -->"), 1,
		},
		"bare book document": {[]byte("<BookDocument><PMID>4</PMID></BookDocument>"), 1},
		"book documents": {
			[]byte(
				"<BookDocumentSet><BookDocument><PMID>4</PMID></BookDocument><DeleteDocument><PMID>5</PMID><PMID>" +
					"6</PMID></DeleteDocument></BookDocumentSet>",
			),
			3,
		},
		"old set": {
			[]byte("<MedlineCitationSet><MedlineCitation Owner='a>b'><PMID>4</PMID></MedlineCitation>" +
				"</MedlineCitationSet>"),
			1,
		},
		"book article set": {
			[]byte(
				"<PubmedBookArticleSet><PubmedBookArticle><BookDocument><PMID>4</PMID></BookDocument>" +
					"</PubmedBookArticle></PubmedBookArticleSet>",
			),
			1,
		},
		"comments between": {
			[]byte(set("<!-- <PubmedArticle> -->", article("1", "One"), "<?pi <PubmedArticle> ?>")), 1,
		},
		"record in a comment": {[]byte(set(article("1", "One<!-- </PubmedArticle><PubmedArticle> -->"))), 1},
		"record in CDATA":     {[]byte(set(article("1", "<![CDATA[</PubmedArticle>]]>"))), 1},
		"attributes and space": {
			[]byte(
				"<PubmedArticleSet a='/>' >" + strings.Replace(
					article("1", "One"), "<PubmedArticle>", "<PubmedArticle\n x=\"1>2\" >", 1,
				) + "</PubmedArticleSet\n>",
			),
			1,
		},
		"DOCTYPE with declarations": {
			[]byte(`<!DOCTYPE PubmedArticleSet [ <!-- it's > ]> --> <!ENTITY a "]>"> <?p > ?> ]>` + two), 2,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{
				bytes.NewReader(test.input), iotest.OneByteReader(bytes.NewReader(test.input)),
			} {
				if got := read(r); len(got.docs) != test.docs || len(got.rejects) > 0 || got.err != nil {
					t.Errorf(
						"%d documents, rejects %v, error %v; want %d documents", len(got.docs), got.rejects,
						got.err, test.docs,
					)
				}
			}
		})
	}
}

func TestBadInputs(t *testing.T) {
	one := set(article("1", "One"))
	wide := func(order func(uint16) (byte, byte)) string {
		var out []byte
		for _, u := range utf16.Encode([]rune(one)) {
			a, b := order(u)
			out = append(out, a, b)
		}
		return string(out)
	}
	corrupt := packed(t, one)
	corrupt[len(corrupt)-8] ^= 1
	tests := map[string]struct{ input, message string }{
		"nothing":         {"", "empty file"},
		"nothing, packed": {string(packed(t, "")), "empty file"},
		"white space":     {" \n", "no element"},
		"byte order mark": {"\uFEFF", "no element"},
		"text":            {"PMID- 1\nTI  - x", `not PubMed XML (it begins with "PMID- 1`},
		"JSON":            {`{"esearchresult": {}}`, "not PubMed XML (it begins with"},
		"binary":          {"\x7fELF\x02\x01\x00<", "not PubMed XML"},
		"zip":             {"PK\x03\x04aaaa<PubmedArticleSet/>", "not PubMed XML"},
		"esummary": {
			"<?xml version='1.0'?><!DOCTYPE eSummaryResult PUBLIC \"-//NLM//DTD\" \"x\"><eSummaryResult>" +
				"</eSummaryResult>",
			"not PubMed XML (root element <eSummaryResult>)",
		},
		"efetch error": {
			"<eFetchResult><ERROR>Cannot retrieve</ERROR></eFetchResult>",
			"not PubMed XML (root element <eFetchResult>)",
		},
		"full text": {"<article><front/></article>", "not PubMed XML (root element <article>)"},
		"page":      {"<!DOCTYPE html><html>", "not PubMed XML (root element <html>)"},
		"longer name": {
			"<PubmedArticleSets></PubmedArticleSets>", "not PubMed XML (root element <PubmedArticleSets>)",
		},
		"no name":            {"< PubmedArticleSet>", "not PubMed XML"},
		"root tag is cut":    {"<PubmedArticleSet", "truncated XML"},
		"root is cut":        {"<PubmedArticleSet>", "truncated XML: the file ends before </PubmedArticleSet>"},
		"comment is cut":     {"<PubmedArticleSet><!-- ", "truncated XML"},
		"DOCTYPE is cut":     {"<!DOCTYPE PubmedArticleSet [", "truncated XML"},
		"record is cut":      {one[:len(one)-50], "truncated XML: the file ends inside a record"},
		"bare record is cut": {article("1", "One")[:80], "truncated XML: the file ends inside a record"},
		"text after":         {one + "x", `junk after </PubmedArticleSet>: "x`},
		"second root":        {one + one[22:], "junk after </PubmedArticleSet>"},
		"NULs after":         {one + "\x00\x00", "junk after"},
		"second bare record": {article("1", "One") + article("2", "Two"), "junk after </PubmedArticle>"},
		"junk after gzip": {
			string(packed(t, one)) + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00x",
			"junk after the end of the gzip data",
		},
		"gzip header alone": {"\x1f\x8b", "truncated gzip"},
		"gzip checksum":     {string(corrupt), "checksum"},
		"gzip of gzip":      {string(packed(t, string(packed(t, one)))), "not PubMed XML"},
		"UTF-16, big endian": {
			"\xfe\xff" + wide(func(u uint16) (byte, byte) { return byte(u >> 8), byte(u) }), "UTF-16",
		},
		"UTF-16, no mark":  {wide(func(u uint16) (byte, byte) { return byte(u), byte(u >> 8) }), "UTF-16"},
		"unknown encoding": {`<?xml version="1.0" encoding="EBCDIC-37"?>` + one, `encoding "EBCDIC-37" is not read`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := readString(test.input)
			var bad *schemas.BadInputError
			if !errors.As(got.err, &bad) || bad.Path != "in.xml" || !strings.Contains(bad.Error(), test.message) {
				t.Errorf("error %v; want a bad input: %s", got.err, test.message)
			}
			if strings.ContainsRune(got.err.Error(), '\n') {
				t.Errorf("more than one line: %v", got.err)
			}
			if isOther := strings.Contains(test.message, "not PubMed XML"); isOther != errors.Is(
				got.err, pubmed.ErrNotPubMed,
			) {
				t.Errorf("errors.Is(%v, ErrNotPubMed) = %v", got.err, !isOther)
			}
		})
	}
}

// TestTruncations cuts every hand-written file at every KiB: none may pass as whole.
func TestTruncations(t *testing.T) {
	for _, path := range handwritten(t) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, whole := range [][]byte{raw, packed(t, string(raw))} {
			for n := 0; n < len(whole)-1; n += 1 << 10 {
				var bad *schemas.BadInputError
				if got := read(bytes.NewReader(whole[:n])); !errors.As(got.err, &bad) {
					t.Errorf("%s cut at %d of %d: error %v", path, n, len(whole), got.err)
				}
			}
		}
	}
}

// TestOneRejectEach damages the middle one of three records: it is one reject with its PMID and
// place, and the others are read.
func TestOneRejectEach(t *testing.T) {
	long := strings.Repeat("<b>", 70) + strings.Repeat("</b>", 70)
	laughs := `<!DOCTYPE PubmedArticleSet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x ` +
		`SYSTEM "file:///etc/passwd">]>`
	tests := map[string]struct{ record, kind string }{
		"mismatched tag":       {article("2", "<b>Two</i>"), "malformed-xml"},
		"tag not closed":       {article("2", "<b>Two"), "malformed-xml"},
		"stray end tag":        {article("2", "Two</b>"), "malformed-xml"},
		"less-than":            {article("2", "p < 0.05"), "malformed-xml"},
		"ampersand":            {article("2", "A & B"), "malformed-xml"},
		"declared entity":      {article("2", "&b;"), "malformed-xml"},
		"external entity":      {article("2", "&x;"), "malformed-xml"},
		"HTML entity":          {article("2", "&alpha;&nbsp;"), "malformed-xml"},
		"reference to nothing": {article("2", "&#0;"), "malformed-xml"},
		"reference too large":  {article("2", "&#x110000;"), "malformed-xml"},
		"surrogate":            {article("2", "&#xD800;"), "malformed-xml"},
		"control character":    {article("2", "a\x01b"), "malformed-xml"},
		"not UTF-8":            {article("2", "caf\xe9"), "malformed-xml"},
		"non-character":        {article("2", "\uFFFE"), "malformed-xml"},
		"declaration":          {article("2", "<!ELEMENT a>"), "malformed-xml"},
		"comment not closed":   {article("2", "<!-- x"), "malformed-xml"},
		"CDATA not closed":     {article("2", "<![CDATA[ x"), "malformed-xml"},
		"CDATA end":            {article("2", "]]>"), "malformed-xml"},
		"attribute twice": {
			strings.Replace(article("2", "Two"), "<Article>", `<Article a="1" a="2">`, 1), "malformed-xml",
		},
		"attribute no quotes": {
			strings.Replace(article("2", "Two"), "<Article>", `<Article a=1>`, 1), "malformed-xml",
		},
		"never closed": {strings.TrimSuffix(article("2", "Two"), "</PubmedArticle>"), "malformed-xml"},
		"start tag broken": {
			strings.Replace(article("2", "Two"), "<PubmedArticle>", `<PubmedArticle x="1`, 1), "malformed-xml",
		},
		"two in one": {
			strings.Replace(
				article("2", "Two"), "</MedlineCitation>",
				"</MedlineCitation><MedlineCitation><PMID>7</PMID></MedlineCitation>", 1,
			),
			"malformed-xml",
		},
		"too deep": {article("2", long), "too-deep"},
		"version":  {strings.Replace(article("2", "Two"), `"1"`, `"0"`, 1), "bad-version"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := readString(laughs + set(article("1", "One"), test.record, article("3", "Three"))[22:])
			if got.err != nil || len(got.docs) != 2 || len(got.rejects) != 1 || got.docs[1].PMID != 3 {
				t.Fatalf("%d documents, rejects %v, error %v", len(got.docs), got.rejects, got.err)
			}
			r := got.rejects[0]
			if r.Kind != test.kind || r.Record != 1 || r.PMID != 2 || r.Stage != "decode" ||
				strings.Contains(r.Message, "\n") {
				t.Errorf("reject %+v, want kind %s, record 1, PMID 2", r, test.kind)
			}
		})
	}
}

func TestRejectsWithoutPMID(t *testing.T) {
	tests := map[string]struct{ record, kind string }{
		"no PMID":           {"<PubmedArticle><MedlineCitation/></PubmedArticle>", "no-pmid"},
		"empty record":      {"<PubmedArticle/>", "no-pmid"},
		"not a number":      {article("12a", "x"), "no-pmid"},
		"zero":              {article("0", "x"), "no-pmid"},
		"too long":          {article("1234567890", "x"), "no-pmid"},
		"text":              {"some text", "malformed-xml"},
		"unknown element":   {"<PubmedArtcle><PMID>2</PMID></PubmedArtcle>", "malformed-xml"},
		"lone end tag":      {"</PubmedArticle>", "malformed-xml"},
		"deletion of words": {"<DeleteCitation><PMID>two</PMID></DeleteCitation>", "no-pmid"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := readString(set(article("1", "One"), test.record, article("3", "Three")))
			if got.err != nil || len(got.docs) != 2 || len(got.rejects) != 1 {
				t.Fatalf("%d documents, rejects %v, error %v", len(got.docs), got.rejects, got.err)
			}
			if r := got.rejects[0]; r.Kind != test.kind || r.Record != 1 || r.PMID != 0 {
				t.Errorf("reject %+v, want kind %s", r, test.kind)
			}
		})
	}
}

func TestDeviceErrorIsNoBadInput(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, whole := range [][]byte{[]byte(set(article("1", "One"))), packed(t, set(article("1", "One")))} {
		for _, n := range []int{0, 1, 20, 60} {
			got := read(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken)))
			var bad *schemas.BadInputError
			if !errors.Is(got.err, broken) || errors.As(got.err, &bad) {
				t.Errorf("after %d bytes: %v", n, got.err)
			}
		}
	}
}

func TestStopEarly(t *testing.T) {
	for range pubmed.Documents(strings.NewReader(set(article("1", "One"), "junk", article("2", "Two"))), "in.xml") {
		break
	}
}

func TestSniff(t *testing.T) {
	for input, want := range map[string]bool{
		set(): true, "<MedlineCitation": true, string(packed(t, set())): true, "<a/>": false, "": false,
		"\x1f\x8b": false,
	} {
		if err := pubmed.Sniff(strings.NewReader(input), "in.xml"); (err == nil) != want {
			t.Errorf("Sniff(%q) = %v", input, err)
		}
	}
}
