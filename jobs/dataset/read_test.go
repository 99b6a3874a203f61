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

// written are documents of words, with every third word or two a mention of a type that pubmine
// does not know.
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

// TestRoundTrip writes examples in every format, and reads back what was written.
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
			cmpopts.IgnoreFields(dataset.Example{}, "ID", "ConceptRelations"), cmpopts.IgnoreFields(schemas.Document{}, "PMID"),
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
				) // made of what was written
				if diff := cmp.Diff(want, got, options...); diff != "" {
					t.Fatalf("(-written +read):\n%s\n%s", diff, text)
				}
			})
		})
	}
}

// A folder of files, one of them packed, annotates throughout what any of them annotates.
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
		"a.PubTator": "1|t|The hammer and aspirin.\n1\t4\t10\thammer\tTool\n1\t15\t22\taspirin\tDrug\n1\t0\t3\tthe\tTool\n",
		"b.gz":       packed.String(), "README.md": "# About", ".hidden": "nothing",
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
		{"hello world\n", "cannot tell what it is"},
		{"<PubmedArticleSet/>", "not BioC"},
		{`{"a": 1}`, "no kind that is known"},
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
	if _, _, err := dataset.Read(filepath.Join(t.TempDir(), "none"), dataset.UserRules("x", "train", false)); !errors.Is(
		err, os.ErrNotExist,
	) {
		t.Errorf("error %v", err)
	}
}

func TestTags(t *testing.T) {
	for name, tags := range map[string]string{
		"IOB1": "I-X I-X B-X O I-Y I-X O", "IOB2": "B-X I-X B-X O B-Y B-X O", "IOBES": "B-X E-X S-X O S-Y S-X O", "BILOU": "B-X L-X U-X O U-Y U-X O",
	} {
		var lines strings.Builder
		for i, tag := range strings.Fields(tags) {
			lines.WriteString(string(rune('a'+i)) + " NN " + tag + "\n")
		}
		examples, _, err := dataset.CoNLL(strings.NewReader(lines.String()), dataset.UserRules("x", "train", true))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"X a b []", "X c []", "Y e []", "X f []"}, plainly(examples)[0].Mentions); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestBioCVariants reads what PubTator 3, sentences, several locations, nodes and UTF-16 offsets
// look like.
func TestBioCVariants(t *testing.T) {
	const pubtator3 = `{"PubTator3": [{"_id": "7|None", "id": 7, "passages": [
		{"infons": {"type": "title"}, "offset": 0, "text": "😀 zorvaline", "annotations": [
			{"id": "2", "infons": {"identifier": "MESH:D1", "type": "Chemical", "valid": true, "normalized": [1]}, "text": "zorvaline", "locations": [{"offset": 3, "length": 9}]}]},
		{"infons": {"section_type": "CONCL", "type": "paragraph"}, "offset": 13, "text": "left and right ear pain", "annotations": [
			{"id": "3", "infons": {"identifier": null, "type": "Disease"}, "text": "right ear pain", "locations": [{"offset": 22, "length": 14}]},
			{"id": "4", "infons": {"identifier": "-", "type": "Disease"}, "text": "left ear pain", "locations": [{"offset": 13, "length": 4}, {"offset": 28, "length": 8}]},
			{"id": "5", "infons": {"type": "Disease"}, "text": "ear pain", "locations": [{"offset": 28, "length": 3}, {"offset": 32, "length": 4}]}]}],
		"relations": [
			{"id": "R1", "infons": {"role1": {"identifier": "MESH:D1"}, "role2": "Disease|MESH:D9", "type": "treat"}, "nodes": [{"refid": "0", "role": "0,1"}]},
			{"id": "R2", "infons": {"type": "cause"}, "nodes": [{"refid": "3", "role": "object"}, {"refid": "2", "role": "subject"}]}]}]}`
	examples, stats, err := dataset.BioCJSON(strings.NewReader(pubtator3), dataset.UserRules("x", "train", false))
	if err != nil || stats.Dropped > 0 {
		t.Fatal(err, stats)
	}
	want := []plain{{
		ID: "7", PMID: 7, Text: "😀 zorvaline left and right ear pain", Types: []string{"Chemical", "Disease"},
		Mentions:  []string{"Chemical zorvaline [MESH:D1]", "Disease right ear pain []", "Disease ear pain []"},
		Masked:    []string{"Disease left and right ear pain"},
		Relations: []string{"cause: zorvaline - right ear pain"}, States: []string{"treat: MESH:D1 - MESH:D9"},
	}}
	if diff := cmp.Diff(want, plainly(examples)); diff != "" {
		t.Error(diff)
	}
	if l := examples[0].Doc.Sections[1].Label; l != "CONCLUSIONS" {
		t.Errorf("label %q", l)
	}
	const sentences = `<?xml version="1.0" encoding="ascii"?><collection><document><id>a</id><passage><offset>0</offset>
		<sentence><offset>0</offset><text>One.</text></sentence>
		<sentence><offset>6</offset><text>Two hammers.</text>
		<annotation id="T1"><infon key="type">Tool</infon><location offset="10" length="7"/><text>hammers</text></annotation></sentence></passage></document></collection>`
	examples, _, err = dataset.BioCXML(strings.NewReader(sentences), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	want = []plain{
		{ID: "a", Text: " One.  Two hammers.", Types: []string{"Tool"}, Mentions: []string{"Tool hammers []"}},
	}
	if diff := cmp.Diff(want, plainly(examples)); diff != "" {
		t.Error(diff)
	}
}

// TestJSONVariants reads text in place of title and abstract, entities, and relations by number, by
// id and by concept.
func TestJSONVariants(t *testing.T) {
	const in = `{"pmid": 5, "text": "A saw cut it.", "entities": [[2, 5, "Tool"], {"start": 10, "end": 12, "type": "Thing", "id": "T9", "concept": "C:1"}], "relations": [{"type": "Cuts", "head": 0, "tail": "T9"}, ["Uses", "C:1", "C:2"]], "note": 1}
{"title": "Is it?", "sections": [["AIM", "To see."], {"label": "CONCLUSIONS", "text": "It is."}], "question": "Is it?", "answer": "It is.", "label": "yes"}
`
	examples, _, err := dataset.JSONLines(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	want := []plain{
		{
			ID: "5", PMID: 5, Text: " A saw cut it.", Types: []string{"Thing", "Tool"}, Mentions: []string{"Tool saw []", "Thing it [C:1]"},
			Relations: []string{"Cuts: saw - it"}, States: []string{"Uses: C:1 - C:2"},
		},
		{ID: "1", Text: "Is it? To see. It is.", Types: []string{"Thing", "Tool"}},
	}
	if diff := cmp.Diff(want, plainly(examples)); diff != "" {
		t.Error(diff)
	}
	if e := examples[1]; e.Question != "Is it?" || e.Answer != "yes" || dataset.Conclusions(e.Doc) != "It is." {
		t.Errorf("%+v", e)
	}
}

// TestFormatsAgree: BC5CDR and BioRED say the same in PubTator and in BioC.
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

// An abstract without mentions gives its headings up as labels; one with mentions keeps them, as
// offsets count them.
func TestJSONHeadings(t *testing.T) {
	const in = `{"title": "T", "abstract": "AIM: To see. METHODS: We saw. CONCLUSIONS: It is."}
{"title": "T", "abstract": "AIM: To see. METHODS: We saw. CONCLUSIONS: It is.", "mentions": [[27, 30, "Tool"]]}
`
	examples, _, err := dataset.JSONLines(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	if got := dataset.Conclusions(examples[0].Doc); got != "It is." || dataset.Conclusions(examples[1].Doc) != "" {
		t.Errorf("conclusions %q in %+v", got, examples)
	}
	if got := plainly(examples)[1].Mentions; !cmp.Equal(got, []string{"Tool saw []"}) {
		t.Errorf("mentions %q", got)
	}
}
