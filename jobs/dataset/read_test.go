package dataset_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/dataset/datasettest"
	"github.com/pubmine/pubmine/schemas"
)

// read writes files into a folder and reads it.
func read(t interface {
	Helper()
	Fatal(...any)
}, dir string, rules dataset.Rules, files map[string]string) ([]dataset.Example, dataset.Stats, error) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dataset.Read(dir, rules)
}

// written returns random documents with mentions of unknown types.
func written(t *rapid.T) []dataset.Example {
	var examples []dataset.Example
	word := rapid.StringMatching(`[a-zα-ωА-Я😀]{1,6}`)
	for i := range rapid.IntRange(1, 3).Draw(t, "documents") {
		title := rapid.SliceOfN(word, 1, 6).Draw(t, "title")
		abstract := rapid.SliceOfN(word, 1, 9).Draw(t, "abstract")
		e := dataset.Example{
			Corpus: "x",
			Split:  "train",
			ID:     string(rune('1' + i)),
			Types:  []string{"Star", "Tool"},
			Doc: &schemas.Document{
				PMID: schemas.PMID(1 + i), Version: 1, Sections: []schemas.Section{
					{
						Kind: schemas.KindTitle, Text: strings.Join(title, " "),
					}, {Kind: schemas.KindAbstract, Text: strings.Join(abstract, " ")},
				}},
		}
		at := 0
		for section, words := range [][]string{title, abstract} {
			for k := 0; k < len(words); k++ {
				m := schemas.Mention{
					ID: len(e.Gold.Mentions), Section: section, Sentence: -1, Score: 1,
					Span: schemas.Span{Start: at, End: at + len(words[k])},
				}
				at = m.End + 1
				if m.Type = rapid.SampledFrom([]string{"", "Star", "Tool"}).Draw(t, "type"); m.Type == "" {
					continue
				}
				if k+1 < len(words) && rapid.Bool().Draw(t, "long") {
					k++
					m.End, at = at+len(words[k]), at+len(words[k])+1
				}
				m.Concept = rapid.SampledFrom([]string{"", "C:1", "C:2"}).Draw(t, "concept")
				e.Gold.Mentions = append(e.Gold.Mentions, m)
			}
		}
		e.ConceptRelations = []dataset.ConceptRelation{{Type: "Shines", A: "C:1", B: "C:2"}}
		examples = append(examples, e)
	}
	return examples
}

// TestRoundTrip writes examples in every format and reads them back.
func TestRoundTrip(t *testing.T) {
	rules := dataset.UserRules("x", "train", true)
	rules.Strict, rules.Annotated = true, []string{"Star", "Tool"}
	for _, f := range []struct {
		name  dataset.Format
		write func([]dataset.Example) string
		lost  []cmp.Option
	}{
		{dataset.FormatPubTator, datasettest.PubTator, nil},
		{dataset.FormatBioCXML, datasettest.BioCXML, nil},
		{dataset.FormatBioCJSON, datasettest.BioCJSON, nil},
		{dataset.FormatJSONLines, datasettest.JSONLines, nil},
		{dataset.FormatCoNLL, datasettest.CoNLL, []cmp.Option{ // it has neither identifiers nor relations
			cmpopts.IgnoreFields(dataset.Example{}, "ID", "ConceptRelations"),
			cmpopts.IgnoreFields(schemas.Document{}, "PMID"),
			cmpopts.IgnoreFields(schemas.Mention{}, "Concept"),
		}},
	} {
		t.Run(string(f.name), func(t *testing.T) {
			dir := t.TempDir()
			rapid.Check(t, func(t *rapid.T) {
				want := written(t)
				text := f.write(want)
				if got, err := dataset.Detect([]byte(text)); err != nil || got != f.name {
					t.Fatalf("taken for %q, error %v:\n%s", got, err, text)
				}
				got, _, err := read(t, dir, rules, map[string]string{"file": text})
				if err != nil {
					t.Fatal(err, text)
				}
				options := append(
					f.lost, cmpopts.IgnoreFields(schemas.Annotations{}, "Relations"),
				) // derived from the mentions
				if diff := cmp.Diff(want, got, options...); diff != "" {
					t.Fatalf("(-written +read):\n%s\n%s", diff, text)
				}
			})
		})
	}
}

// All examples of a folder annotate the types of all its files.
func TestReadFolder(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte("2|t|No tool here.\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	got, stats, err := read(t, t.TempDir(), dataset.UserRules("own", "train", false), map[string]string{
		"a.PubTator": "1|t|The hammer and aspirin.\n1\t4\t10\thammer\tTool\n1\t15\t22\taspirin\tDrug\n1\t0\t3\t" +
			"the\tTool\n",
		"b.gz": packed.String(), "README.md": "# About", ".hidden": "nothing",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !cmp.Equal(got[1].Types, []string{"Chemical", "Tool"}) || stats.Dropped != 1 ||
		!strings.Contains(stats.FirstDropped, `document 1: line 4: "the" is not at 0 to 3`) {
		t.Errorf("%+v %+v", plainly(got), stats)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "empty"},
		{"hello world\n", "no known format"},
		{"<PubmedArticleSet/>", "not BioC"},
		{`{"a": 1}`, "no known fields"},
		{`{"title": "a", "mentions": [[0, 1]]}`, "JSON line 1: mention [0, 1]: want [start, end, type]"},
		{`{"title": "a", "mentions": [[0, 9, "X"]]}`, "within the 2 code points"},
		{"{\"title\": \"a\"}\n{\"title\"", "JSON line 2"},
		{`[{"title": "a"}, 7]`, "JSON item 1"},
		{`{"title": "a", "relations": [["X", 0, 1]]}`, "relation 0: want a type, and a mention or a concept"},
		{`{"documents": [{"passages": 3}]}`, "BioC JSON byte"},
		{"<collection><document><id>1</document>", "BioC XML byte"},
		{`<?xml version="1.0" encoding="KOI8-R"?><collection/>`, "convert it to UTF-8"},
		{"<collection></collection>", "no documents"},
		{"1|t|x\n1\t0\tb\tx\tGene\n", "PubTator line 2"},
		{"a\tO\nb\n", "CoNLL line 2"},
		{`{"1": {"QUESTION": 3}}`, "PubMedQA"},
		{"\x1f\x8b\x00", "gzip"},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := dataset.Read(path, dataset.UserRules("x", "train", false))
		var bad *schemas.BadInputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
	_, _, err := dataset.Read(filepath.Join(t.TempDir(), "none"), dataset.UserRules("x", "train", false))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// BC5CDR and BioRED have equal examples in PubTator and in BioC.
func TestFormatsAgree(t *testing.T) {
	dir := filepath.Join(library(t), "corpora")
	for _, name := range []string{"bc5cdr/dev.BioC.xml", "biored/dev.BioC.xml", "biored/dev.BioC.json"} {
		got, stats, err := dataset.Read(filepath.Join(dir, name), dataset.UserRules("x", "dev", false))
		if err != nil || stats.Dropped > 0 {
			t.Fatal(err, stats)
		}
		want, _, err := dataset.Read(
			filepath.Join(dir, filepath.Dir(name), "dev.PubTator"), dataset.UserRules("x", "dev", false),
		)
		if err != nil {
			t.Fatal(err)
		}
		options := []cmp.Option{
			cmpopts.IgnoreFields(dataset.Example{}, "Masked"), cmpopts.IgnoreFields(schemas.Mention{}, "Concept"),
			cmpopts.IgnoreFields(schemas.Annotations{}, "Relations"),
		}
		different := 0
		for i := range want {
			if diff := cmp.Diff(want[i], got[i], options...); diff != "" {
				if different++; different == 1 {
					t.Logf("%s, document %s: %s", name, want[i].ID, diff)
				}
			}
		}
		if len(got) != len(want) || different > 0 {
			t.Errorf("%s: %d documents against %d, %d of them different", name, len(got), len(want), different)
		}
	}
}

// Some mentions may be dropped, but not all.
func TestReadUserRefusesWrongOffsets(t *testing.T) {
	const text = "1|t|A saw\n1\t0\t3\tsaw\tTool\n"
	path := filepath.Join(t.TempDir(), "tools.PubTator")
	for more, want := range map[string]string{"1\t2\t5\tsaw\tTool\n": "", "": "no mention matches the text"} {
		if err := os.WriteFile(path, []byte(text+more), 0o644); err != nil {
			t.Fatal(err)
		}
		examples, stats, err := dataset.ReadUser(path, "dev", false)
		if want == "" {
			if err != nil || stats.Dropped != 1 || examples[0].Corpus != "tools.PubTator" {
				t.Errorf("%+v, %+v, %v", examples, stats, err)
			}
			continue
		}
		var bad *schemas.BadInputError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v", err)
		}
	}
}
