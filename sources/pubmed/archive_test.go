package pubmed_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/klauspost/compress/gzip"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// realFiles calls f with every file below the reference data that begins like PubMed XML,
// decompressed.
func realFiles(t testing.TB, f func(path string, raw []byte)) {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data", "pubmed")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the reference data is not here: %v", err)
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := pubmed.Sniff(bytes.NewReader(raw), path); errors.Is(err, pubmed.ErrNotPubMed) {
			return nil
		}
		if bytes.HasPrefix(raw, []byte("\x1f\x8b")) {
			r, err := gzip.NewReader(bytes.NewReader(raw))
			if err != nil {
				return err
			}
			if raw, err = io.ReadAll(r); err != nil {
				return err
			}
		}
		f(path, raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
	inner    = regexp.MustCompile(`</(MedlineCitation|BookDocument)>`)
	deletion = regexp.MustCompile(`(?s)<Delete(Citation|Document)>.*?</Delete(Citation|Document)>`)
	opening  = regexp.MustCompile(`<(MedlineCitation|BookDocument)[ >]`)
	anyPMID  = regexp.MustCompile(`<PMID[ >]`)
)

// TestRealCounts compares the number of documents and rejects with a count of end tags. Every
// record of every kind holds exactly one MedlineCitation or BookDocument.
func TestRealCounts(t *testing.T) {
	files, docs, rejects, deleted := 0, 0, 0, 0
	realFiles(t, func(path string, raw []byte) {
		got := read(bytes.NewReader(raw))
		if got.err != nil {
			t.Errorf("%s: %v", path, got.err)
		}
		bare := comment.ReplaceAll(raw, nil)
		want := len(inner.FindAll(bare, -1))
		for _, list := range deletion.FindAll(bare, -1) {
			want += len(anyPMID.FindAll(list, -1))
		}
		if len(got.docs)+len(got.rejects) != want {
			t.Errorf("%s: %d documents and %d rejects, want %d in all", path, len(got.docs), len(got.rejects), want)
		}
		for _, r := range got.rejects {
			if r.Kind != "no-pmid" { // test records with PMIDs such as "11119751-a"
				t.Errorf("%s: %v", path, r)
			}
		}
		for _, doc := range got.docs {
			if doc.Deleted {
				deleted++
			}
		}
		files, docs, rejects = files+1, docs+len(got.docs), rejects+len(got.rejects)
	})
	t.Logf("%d files, %d documents of which %d deletions, %d rejects", files, docs, deleted, rejects)
}

// element is a tree, as encoding/xml gives it.
type element struct {
	name     string // empty for character data
	data     string
	children []*element
}

// text returns the character data of e and of all that it contains.
func (e *element) text() string {
	text := e.data
	for _, c := range e.children {
		text += c.text()
	}
	return text
}

func tree(t *testing.T, raw []byte) *element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(raw))
	open := []*element{{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return open[0]
		}
		if err != nil {
			t.Fatal(err)
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &element{name: token.Name.Local}
			top.children, open = append(top.children, child), append(open, child)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.children = append(top.children, &element{data: string(token)})
		}
	}
}

// all returns the elements at the end of a path of names below e.
func (e *element) all(path ...string) []*element {
	if len(path) == 0 {
		return []*element{e}
	}
	var found []*element
	for _, c := range e.children {
		if c.name == path[0] {
			found = append(found, c.all(path[1:]...)...)
		}
	}
	return found
}

// squeeze drops all white space, so that MathML's layout does not count.
func squeeze(s string) string { return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), "") }

func squeezed(elements []*element) string {
	var all string
	for _, e := range elements {
		all += squeeze(e.text())
	}
	return all
}

// TestRealTexts compares title, abstract and some columns with what a tree of encoding/xml says.
func TestRealTexts(t *testing.T) {
	realFiles(t, func(path string, raw []byte) {
		var docs []*schemas.Document
		for _, doc := range read(bytes.NewReader(raw)).docs {
			if !doc.Deleted {
				docs = append(docs, doc)
			}
		}
		records := citations(comment.ReplaceAll(raw, nil))
		if len(docs) != len(records) {
			return // counted above
		}
		for i, doc := range docs {
			compare(t, doc, tree(t, records[i]).children[0])
		}
	})
}

// citations cuts out every MedlineCitation and BookDocument.
func citations(raw []byte) [][]byte {
	var found [][]byte
	for {
		at := opening.FindSubmatchIndex(raw)
		if at == nil {
			return found
		}
		closing := append([]byte("</"), raw[at[2]:at[3]]...)
		n := bytes.Index(raw[at[0]:], closing) + len(closing) + 1
		found, raw = append(found, raw[at[0]:at[0]+n]), raw[at[0]+n:]
	}
}

func compare(t *testing.T, doc *schemas.Document, e *element) {
	t.Helper()
	article := e
	if e.name == "MedlineCitation" {
		article = e.all("Article")[0]
	}
	title := article.all("ArticleTitle")
	if len(title) == 0 || squeeze(title[0].text()) == "" {
		title = article.all("Book", "BookTitle")
	}
	authors := article.all("AuthorList", "Author")
	if len(authors) == 0 {
		authors = article.all("Book", "AuthorList", "Author")
	}
	c := doc.Citation
	for _, check := range []struct{ what, got, want string }{
		{"title", squeeze(doc.Title()), squeezed(title)},
		{"abstract", squeeze(doc.Abstract()), squeezed(article.all("Abstract", "AbstractText"))},
		{"language", squeeze(strings.Join(c.Language, "")), squeezed(article.all("Language"))},
		{
			"volume", squeeze(c.Volume),
			squeezed(append(article.all("Journal", "JournalIssue", "Volume"), article.all("Book", "Volume")...)),
		},
		{
			"date", squeeze(c.PubDateRaw),
			squeezed(append(article.all("Journal", "JournalIssue", "PubDate"), article.all("Book", "PubDate")...)),
		},
		{"vernacular title", squeeze(c.VernacularTitle), squeezed(article.all("VernacularTitle"))},
		{"copyright", squeeze(c.Copyright), squeezed(article.all("Abstract", "CopyrightInformation"))},
	} {
		if check.got != check.want {
			t.Errorf("%d: %s is %q, want %q", doc.PMID, check.what, check.got, check.want)
		}
	}
	for _, check := range []struct {
		what      string
		got, want int
	}{
		{"authors", len(c.Authors), len(authors)},
		{"MeSH headings", len(c.Mesh), len(e.all("MeshHeadingList", "MeshHeading"))},
		{"chemicals", len(c.Chemicals), len(e.all("ChemicalList", "Chemical"))},
		{"keywords", len(c.Keywords), len(e.all("KeywordList", "Keyword"))},
		{"grants", len(c.Grants), len(article.all("GrantList", "Grant"))},
		{"data banks", len(c.DataBanks), len(article.all("DataBankList", "DataBank"))},
		{
			"corrections", len(c.Corrections),
			len(e.all("CommentsCorrectionsList", "CommentsCorrections")) + len(children(e.all("CommentsCorrections"))),
		},
		{"other abstracts", len(c.OtherAbstracts), len(e.all("OtherAbstract"))},
		{"genes", len(c.Genes), len(e.all("GeneSymbolList", "GeneSymbol"))},
		{"investigators", len(c.Investigators), len(e.all("InvestigatorList", "Investigator"))},
		{"supplementary MeSH", len(c.SupplementaryMesh), len(e.all("SupplMeshList", "SupplMeshName"))},
		{
			"publication types", len(c.PublicationTypes),
			len(article.all("PublicationTypeList", "PublicationType")) + len(article.all("PublicationType")),
		},
	} {
		if check.got != check.want {
			t.Errorf("%d: %d %s, want %d", doc.PMID, check.got, check.what, check.want)
		}
	}
}

func children(elements []*element) []*element {
	var all []*element
	for _, e := range elements {
		for _, c := range e.children {
			if c.name != "" {
				all = append(all, c)
			}
		}
	}
	return all
}
