package dataset_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// writeText writes a file.
func writeText(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func texted(docs []*schemas.Document) (list []string) {
	for _, d := range docs {
		list = append(list, strings.TrimSpace(d.Text()))
	}
	return list
}

const medline = `<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">7</PMID>` +
	`<Article><ArticleTitle>Of mice.</ArticleTitle>` +
	`<Abstract><AbstractText>They eat.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>` +
	`</PubmedArticleSet>`

func TestReadTexts(t *testing.T) {
	const (
		bioc = `<collection><document><id>8</id><passage><offset>0</offset><text>Of men.</text></passage>` +
			`</document></collection>`
		biocJSON = `{"documents": [{"id": "9", "passages": [{"offset": 0, "text": "Of rats."}]}]}`
	)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"lines": {"Of mice. They eat.\n\n  Of men \r\nlast", []string{"Of mice. They eat.", "Of " +
			"men", "last"}},
		"lines with a BOM": {"\ufeffOf mice.", []string{"Of mice."}},
		"bad UTF-8":        {"Of mi\xffce.", []string{"Of mi\ufffdce."}},
		"title, abstract": {`{"title": "Of mice.", "abstract": "They eat.", "pmid": 7}` + "\n" + `{"title": "Of ` +
			`men.", "abstract": ""}`, []string{"Of mice. They eat.", "Of men."}},
		"text": {`{"text": "Of mice.\nThey eat."}`, []string{"Of mice.\nThey eat."}},
		"paragraphs": {`{"id": "x", "title": "Of mice.", "paragraphs": ["They eat.", "They ` +
			`sleep."]}`, []string{"Of mice. They eat. They sleep."}},
		"paragraphs alone": {`{"paragraphs": ["They eat."]}`, []string{"They eat."}},
		"gzip":             {zipped(t, "Of mice.\n"), []string{"Of mice."}},
		"PubMed":           {medline, []string{"Of mice. They eat."}},
		"PubTator":         {"7|t|Of mice.\n7|a|They eat.\n7\t3\t7\tmice\tSpecies\n", []string{"Of mice. They eat."}},
		"BioC":             {bioc, []string{"Of men."}},
		"BioC JSON":        {biocJSON, []string{"Of rats."}},
		"an array":         {`[{"title": "Of mice.", "abstract": "They eat."}]`, []string{"Of mice. They eat."}},
	} {
		docs, err := dataset.ReadTexts(writeText(t, t.TempDir(), "data", c.text))
		if diff := cmp.Diff(c.want, texted(docs)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	docs, err := dataset.ReadTexts(
		writeText(t, t.TempDir(), "x.jsonl", `{"title": "Of mice.", "abstract": "They eat.", "pmid": 7}`),
	)
	if err != nil || docs[0].PMID != 7 || docs[0].Title() != "Of mice." {
		t.Errorf("%+v, %v", docs, err)
	}
}

func TestReadTextsOfFolder(t *testing.T) {
	dir := t.TempDir()
	writeText(t, dir, "b/two.txt", "Of men.")
	writeText(t, dir, "a.xml", medline)
	writeText(t, dir, "README.md", "Not a text.")
	writeText(t, dir, ".hidden/x.txt", "Not either.")
	writeText(t, dir, "c.txt.gz", zipped(t, "Of rats."))
	docs, err := dataset.ReadTexts(dir)
	if want := []string{"Of mice. They eat.", "Of men.", "Of rats."}; err != nil || !slices.Equal(texted(docs), want) {
		t.Errorf("%v, %v", texted(docs), err)
	}
}

func TestReadTextsRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {" \n\n", "no texts"},
		"half JSON":      {`{"title": "Of mice."` + "\n", "record 1"},
		"half gzip":      {zipped(t, strings.Repeat("Of mice. ", 100))[:30], "unexpected EOF"},
		"a web page":     {"<html></html>", "not BioC"},
		"half of an XML": {medline[:200], "data"},
	} {
		_, err := dataset.ReadTexts(writeText(t, t.TempDir(), "data", c.text))
		var bad *schemas.BadInputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := dataset.ReadTexts(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

func FuzzReadTexts(f *testing.F) {
	for _, s := range []string{"Of mice.\n", `{"text": "x"}`, `{"paragraphs": ["x"]}`, medline, "7|t|Of mice.\n" +
		"7|a|They eat.\n", "<collection>", "\x1f\x8b", "[{}]"} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "data")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		docs, err := dataset.ReadTexts(path)
		var bad *schemas.BadInputError
		if err != nil && !errors.As(err, &bad) {
			t.Errorf("%v is not bad input", err)
		}
		if err == nil && len(docs) == 0 {
			t.Error("neither texts nor an error")
		}
		for _, d := range docs {
			if strings.TrimSpace(d.Text()) == "" {
				t.Error("a document without text")
			}
		}
	})
}
