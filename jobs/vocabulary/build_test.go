package vocabulary_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	build "github.com/pubmine/pubmine/jobs/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// dump lists the concepts of a vocabulary with all facts.
func dump(v *vocabulary.Vocabulary) string {
	var b strings.Builder
	for _, typ := range v.Types() {
		for c := range v.Concepts(typ) {
			fmt.Fprintf(&b, "%s %s %s", v.ConceptID(c), typ, v.Species(c))
			for _, p := range v.Parents(c) {
				fmt.Fprintf(&b, " <%s", v.ConceptID(p))
			}
			for _, tree := range v.Trees(c) {
				fmt.Fprintf(&b, " /%s", tree)
			}
			b.WriteByte('\n')
			for name, kind := range v.Names(c) {
				fmt.Fprintf(&b, "\t%s: %s\n", kind, name)
			}
		}
	}
	return b.String()
}

func recipe(t *testing.T) build.Recipe {
	t.Helper()
	data, err := os.ReadFile("testdata/recipe.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := build.ParseRecipe(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The golden vocabulary has a source of each format. PUBMINE_UPDATE=1 writes it anew.
func TestGolden(t *testing.T) {
	data, err := build.Build(recipe(t), "testdata")
	if err != nil {
		t.Fatal(err)
	}
	again, err := build.Build(recipe(t), "testdata")
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the second build differs: %v", err)
	}
	v, err := vocabulary.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	got := dump(v)
	if os.Getenv("PUBMINE_UPDATE") != "" {
		if err := os.WriteFile("testdata/golden.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
	for old, id := range map[string]string{
		"MESH:D999999": "MESH:D000001", "DOID:267": "MESH:D006394", "DOID:9": "MESH:D006394", "CVCL:9999": "CVCL:0030",
		"MESH:C005435": "MESH:D000002",
	} {
		if c, ok := v.Lookup(old); !ok || v.ConceptID(c) != id {
			t.Errorf("%s does not lead to %s", old, id)
		}
	}
	if len(v.Card.Sources) != 9 || v.Card.Sources[0].SHA256 == "" || v.Card.Sources[0].Concepts != 4 {
		t.Errorf("%+v", v.Card.Sources)
	}
}

func TestGzip(t *testing.T) {
	dir := t.TempDir()
	plain, err := os.ReadFile("testdata/desc.xml")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	r := recipe(t)
	r.Sources = r.Sources[:1]
	write := func(data []byte) {
		if err := os.WriteFile(filepath.Join(dir, "desc.xml"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(packed.Bytes())
	if _, err := build.Build(r, dir); err != nil {
		t.Error(err)
	}
	write(packed.Bytes()[:packed.Len()-20])
	if _, err := build.Build(r, dir); err == nil || !strings.Contains(err.Error(), "desc.xml: line ") {
		t.Errorf("a truncated file: %v", err)
	}
}

// Each mistake in a source is one line with the file and the line.
func TestBadSources(t *testing.T) {
	for format, c := range map[string]struct{ data, want string }{
		"mesh-xml":    {"<PubmedArticleSet></PubmedArticleSet>", "file: line 1: not MeSH XML: its root element is <PubmedArticleSet>"},
		"mesh-ascii":  {"UI = D1\n", "file: line 1: not MeSH in ASCII"},
		"gene-info":   {"#tax\n9606\t1\tA1BG\n", "file: line 2: 3 columns: gene_info has at least 14"},
		"taxdump":     {"1\tall\n", "file: line 1: 1 fields"},
		"obo":         {"<html>\n", "file: line 1: not OBO"},
		"cellosaurus": {"AC   CVCL_0030\n", "file: line 1: not cellosaurus.txt"},
		"tsv":         {"a\tb\n1\t2\n", "file: line 1: no column is called id"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		s := build.Source{Name: "S", File: "file", Format: format, Type: "Disease", Licence: "x", Attribution: "y"}
		if format == "taxdump" {
			s.Nodes = "file"
		}
		_, err := build.Build(build.Recipe{Name: "x", Version: "1", Sources: []build.Source{s}}, dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestParseRecipe(t *testing.T) {
	const recipe = `{"name":"a","version":"1","sources":[`
	const source = recipe + `{"name":"S","file":"f","licence":"x","attribution":"y","type":"T",`
	for text, want := range map[string]string{
		``:                                   "EOF",
		`{"names":"x"}`:                      `unknown field "names"`,
		`{"name":"a b","version":"1"}`:       "give it a name",
		`{"name":"a","version":"1"}`:         "it lists no sources",
		recipe + `{"name":"S","file":"f"}]}`: "source 1 (S): give its licence",
		source + `"format":"rdf"}]}`:         `format "rdf" is unknown: use one of cellosaurus, gene-info`,
		source + `"format":"taxdump"}]}`:     "nodes",
		source + `"format":"tsv","columns":["id","nm"]}]}`:                                  `column "nm" is unknown`,
		source + `"format":"tsv","columns":["name"]}]}`:                                     "no column is the id",
		source + `"format":"tsv","except":"("}]}`:                                           "missing closing )",
		recipe + `{"name":"S","file":"f","licence":"x","attribution":"y","format":"tsv"}]}`: "give its type",
	} {
		if _, err := build.ParseRecipe([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
