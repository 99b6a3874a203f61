package dataset

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
)

const ofAuthors = `{
 "12": {"title": "Zorvelin hurts", "abstract": "In mice.", "relations": [{"chemical": "C2", "disease": "D1"}, ` +
	`{"chemical": "C1", "disease": "D1"}],
  "chemical2id": {"zorvelin": "C1", "li": "-1", "tamo": "C2"}, "disease2id": {"rash": "D1"}},
 "7": {"title": "Nothing", "abstract": "", "relations": [], "chemical2id": {}, "disease2id": {}}
}`

func TestBioGPT(t *testing.T) {
	if format, err := Detect([]byte(ofAuthors)); format != FormatBioGPT || err != nil {
		t.Errorf("%s, %v", format, err)
	}
	got, stats, err := BioGPT(strings.NewReader(ofAuthors), UserRules("made", "train", false))
	if err != nil || stats.Documents != 2 || stats.Relations != 2 {
		t.Fatal(stats, err)
	}
	want := Example{
		Corpus: "made", Split: "train", ID: "12",
		Doc: &schemas.Document{PMID: 12, Version: 1, Sections: []schemas.Section{
			{Kind: schemas.KindTitle, Text: "Zorvelin hurts"}, {Kind: schemas.KindAbstract, Text: "In mice."}}},
		ConceptRelations: []ConceptRelation{{"CID", "C2", "D1"}, {"CID", "C1", "D1"}},
		Names: []Name{
			{Chemical, "zorvelin", "C1"},
			{Chemical, "li", ""},
			{Chemical, "tamo", "C2"},
			{Disease, "rash", "D1"},
		},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
	if got[1].ID != "7" || len(got[1].Doc.Sections) != 1 || got[1].Names != nil {
		t.Errorf("%+v", got[1])
	}
}

func TestBioGPTTriples(t *testing.T) {
	read := func(interactions ...string) []Example {
		t.Helper()
		var list []string
		for _, x := range interactions {
			list = append(list, `{"drug": "Zorvelin", "target": "KRas", "interaction": "`+x+`"}`)
		}
		text := `{"1": {"title": "T", "abstract": "A", "triples": [` + strings.Join(list, ",") + `]}}`
		if format, err := Detect([]byte(text)); format != FormatBioGPT || err != nil {
			t.Errorf("%s, %v", format, err)
		}
		got, _, err := BioGPT(strings.NewReader(text), Rules{})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, c := range []struct {
		interactions []string
		target       string
	}{{[]string{"inhibitor"}, Gene}, {[]string{"advise"}, Chemical}, {[]string{"effect", "inhibitor"}, Gene}} {
		e := read(c.interactions...)[0]
		names := []Name{{Chemical, "Zorvelin", "zorvelin"}, {c.target, "KRas", "kras"}}
		if diff := cmp.Diff(names, unique(e.Names)); diff != "" {
			t.Errorf("%v: %s", c.interactions, diff)
		}
		if len(e.ConceptRelations) != len(c.interactions) ||
			e.ConceptRelations[0] != (ConceptRelation{c.interactions[0], "zorvelin", "kras"}) {
			t.Errorf("%v: %v", c.interactions, e.ConceptRelations)
		}
	}
}

func unique(names []Name) (list []Name) {
	for _, n := range names {
		if len(list) == 0 || list[len(list)-1] != n {
			list = append(list, n)
		}
	}
	return list
}

func TestBioGPTRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                          "want an object",
		`{"1": {"title": 5}}`:         "document 1",
		`{"1": {"title": "T"}`:        "EOF",
		`{"1": {"chemical2id": [1]}}`: "document 1",
		`{"1": {"triples": [{"drug": "a", "target": ""}]}}`: "lacks its",
	} {
		if _, _, err := BioGPT(strings.NewReader(text), Rules{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Similar formats are distinguished.
func TestDetectJSON(t *testing.T) {
	for text, want := range map[string]Format{
		`{"id": 1, "title": "T", "abstract": "A"}`:               FormatJSONLines,
		`[{"title": "T"}]`:                                       FormatJSONLines,
		`{"sections": [{"title": "T"}]}`:                         FormatJSONLines,
		`{"1": {"QUESTION": "Q", "title": "T"}}`:                 FormatPubMedQA,
		`{"documents": [{"passages": []}]}`:                      FormatBioCJSON,
		`{"1": {"abstract": "A", "triples": []}, "2": {}}`:       FormatBioGPT,
		"\ufeff" + `{"1": {"title": "T", "chemical2id": {}}}`:    FormatBioGPT,
		`{"id": "1", "mentions": [], "title": "T", "text": "X"}`: FormatJSONLines,
	} {
		if got, err := Detect([]byte(text)); got != want || err != nil {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}

func FuzzBioGPT(f *testing.F) {
	f.Add(ofAuthors)
	f.Add(`{"1": {"title": "T", "abstract": "A", "triples": [{"drug": "a", "target": "b", "interaction": "c"}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		examples, stats, err := BioGPT(strings.NewReader(text), UserRules("fuzz", "train", false))
		if err == nil && stats.Documents != len(examples) {
			t.Errorf("%d documents, counted %d", len(examples), stats.Documents)
		}
		for _, e := range examples {
			for _, n := range e.Names {
				if n.Type == targetType && err == nil {
					t.Errorf("%+v", n)
				}
			}
		}
	})
}
