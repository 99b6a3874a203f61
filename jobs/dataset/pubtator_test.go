package dataset_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestPubTatorGolden compares everything read from testdata/general.PubTator with general.json
// beside it.
func TestPubTatorGolden(t *testing.T) {
	f, err := os.Open(filepath.Join("testdata", "general.PubTator"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	examples, stats, err := dataset.PubTator(f, dataset.PublicRules("general", "train"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(struct {
		Stats    dataset.Stats
		Examples []plain
	}{stats, plainly(examples)}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "general.json", append(got, '\n'))
	for _, e := range examples {
		check(t, e)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (run with -update after checking; -want +got):\n%s", path, diff)
	}
}

// plain is an Example with the text of its spans, for people to read.
type plain struct {
	ID                                  string
	PMID                                schemas.PMID
	Text                                string
	Mentions, Masked, Relations, States []string
	Types                               []string
}

func plainly(examples []dataset.Example) []plain {
	var all []plain
	for _, e := range examples {
		p := plain{ID: e.ID, PMID: e.Doc.PMID, Text: e.Doc.Text(), Types: e.Types}
		at := func(s schemas.Span) string { return p.Text[s.Start:s.End] }
		for _, m := range e.Gold.Mentions {
			p.Mentions = append(p.Mentions, m.Type+" "+at(m.Span)+" ["+strings.Join(dataset.Concepts(m), " ")+"]")
		}
		for _, m := range e.Masked {
			p.Masked = append(p.Masked, m.Type+" "+at(m.Span))
		}
		for _, r := range e.Gold.Relations {
			p.Relations = append(
				p.Relations,
				r.Type+": "+at(e.Gold.Mentions[r.Subject].Span)+" - "+at(e.Gold.Mentions[r.Object].Span),
			)
		}
		for _, r := range e.ConceptRelations {
			p.States = append(p.States, r.Type+": "+r.A+" - "+r.B)
		}
		all = append(all, p)
	}
	return all
}

func TestPubTatorErrors(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"not PubTator", "hello\n", `line 1: want PMID|t|title, PMID|a|abstract, or at least 4 tab-separated fields, have "hello"`},
		{"annotation first", "1\t0\t1\ta\tGene\n", `line 1: annotation of document "1", whose text does not stand before it`},
		{"abstract first", "1|a|text\n", `line 1: abstract of document "1", whose title does not stand before it`},
		{"two abstracts", "1|t|x\n1|a|y\n1|a|z\n", `line 3: second abstract of document "1"`},
		{"end", "1|t|x\n1\t0\tb\tx\tGene\n", `line 2: mention end "b" is not a number`},
		{"no type", "1|t|x\n1\t0\t1\tx\n", `line 2: mention of document 1 has 4 fields, want start, end, text, type`},
		{"strict offset", "1|t|abc\n1\t1\t2\tx\tGene\n", `line 2: "x" is not at 1 to 2`},
		{"strict type", "1|t|abc\n1\t0\t1\ta\tStar\n", `line 2: unknown entity type "Star"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := dataset.PublicRules("x", "train")
			rules.Strict = true
			_, _, err := dataset.PubTator(strings.NewReader(c.in), rules)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestOffsetsInBytes: a document whose offsets fit only as bytes is read as bytes.
func TestOffsetsInBytes(t *testing.T) {
	in := "1|t|αβγ kinase and δ receptor\n1\t7\t13\tkinase\tGene\n1\t21\t29\treceptor\tGene\n"
	examples, stats, err := dataset.PubTator(strings.NewReader(in), dataset.PublicRules("x", "train"))
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dropped != 0 || len(examples[0].Gold.Mentions) != 2 || examples[0].Gold.Mentions[1].Start != 21 {
		t.Errorf("%+v %+v", stats, examples[0].Gold.Mentions)
	}
}

func FuzzPubTator(f *testing.F) {
	seed, err := os.ReadFile(filepath.Join("testdata", "general.PubTator"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(seed))
	f.Add("1|t|\n1\t-1\t99999999999999999999\tx\tGene\n1|a|\xff\n")
	f.Fuzz(func(t *testing.T, in string) {
		examples, stats, err := dataset.PubTator(strings.NewReader(in), dataset.PublicRules("x", "train"))
		if err != nil {
			return
		}
		if stats.Documents != len(examples) {
			t.Errorf("%d documents counted, %d given", stats.Documents, len(examples))
		}
		for _, e := range examples {
			check(t, e)
		}
	})
}

func TestTables(t *testing.T) {
	const abstracts = "7\tNaïve zorvaline\tIt blocks ZVK1.\n"
	const entities = "7\tT2\tGENE-Y\t26\t30\tZVK1\n7\tT1\tCHEMICAL\t6\t15\tzorvaline\n7\tT3\tCHEMICAL\t0\t4\tbang\n"
	const relations = "7\tCPR:4\tArg1:T1\tArg2:T2\n7\tCPR:4\tArg1:T3\tArg2:T2\n"
	examples, stats, err := dataset.Tables(
		strings.NewReader(abstracts), strings.NewReader(entities), strings.NewReader(relations),
		dataset.PublicRules("x", "dev"),
	)
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dropped != 1 || stats.Relations != 1 {
		t.Errorf("counts %+v", stats)
	}
	want := schemas.Relation{Type: "CPR:4", Subject: 0, Object: 1, Sentence: -1, Score: 1}
	if diff := cmp.Diff([]schemas.Relation{want}, examples[0].Gold.Relations); diff != "" {
		t.Error(diff)
	}
	check(t, examples[0])
	for _, c := range []struct{ abstracts, entities, relations, want string }{
		{"7\n", "", "", "table abstracts, line 1: 1 tab-separated fields, want 3"},
		{abstracts, "8\tT1\tGENE\t0\t1\tN\n", "", `table entities, line 1: no abstract of document "8"`},
		{abstracts, "7\tT1\tGENE\tx\t1\tN\n", "", "table entities, line 1: offsets"},
		{abstracts, entities, "8\tR\tArg1:a\tArg2:b\n", `table relations, line 1: no abstract of document "8"`},
		{abstracts, entities, "7\tR\ta\tb\n", "table relations, line 1: want Arg1:key"},
	} {
		_, _, err := dataset.Tables(
			strings.NewReader(c.abstracts), strings.NewReader(c.entities), strings.NewReader(c.relations),
			dataset.PublicRules("x", "dev"),
		)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestCoNLL(t *testing.T) {
	const in = "The\tO\nZVK\tB-GENE\n-\tI-GENE\n1\tI-GENE\n(\tO\nβ\tI-GENE\n)\tO\n.\tO\n\n\nEnd\tO\n"
	examples, _, err := dataset.CoNLL(
		strings.NewReader(in), dataset.Rules{Types: map[string]string{"GENE": dataset.Gene}},
	)
	if err != nil {
		t.Fatal(err)
	}
	got := plainly(examples)
	if len(got) != 2 || got[0].Text != "The ZVK-1 (β). " || got[1].Text != "End " {
		t.Errorf("texts %+v", got)
	}
	if diff := cmp.Diff([]string{"Gene ZVK-1 []", "Gene β []"}, got[0].Mentions); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"word\n", "word\tX\n", "word\tB-\n", "\tB-GENE\n"} {
		if _, _, err := dataset.CoNLL(strings.NewReader(bad), dataset.Rules{}); err == nil ||
			!strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

func TestJSONLines(t *testing.T) {
	const in = `{"id": "90", "text": "ΔZVK1 in\nHeLa lines.\n", "mentions": [[0, 5, "protein"], [9, 13, "cell_line"]]}`
	rules := dataset.Rules{Types: map[string]string{"cell_line": dataset.CellLine}, NotPMID: true}
	examples, stats, err := dataset.JSONLines(strings.NewReader(in), rules)
	if err != nil {
		t.Fatal(err)
	}
	got := plainly(examples)
	if diff := cmp.Diff([]string{"CellLine HeLa []"}, got[0].Mentions); diff != "" || got[0].PMID != 0 ||
		stats.Unmapped["protein"] != 1 {
		t.Error(got, stats, diff)
	}
	for _, bad := range []string{`{`, `{"text": "x", "mentions": [[0, 5, "protein"]]}`, `{"text": "x", "mentions": [["a", 1, "p"]]}`} {
		if _, _, err := dataset.JSONLines(strings.NewReader(bad), rules); err == nil ||
			!strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

func TestOnly(t *testing.T) {
	const in = "1|t|a b c\n1\t0\t1\ta\tChemical\tx\n1\t2\t3\tb\tGene\ty\n1\t4\t5\tc\tDisease\tz\n1\tCID\tx\tz\n1\tR\tx\ty\n"
	examples, _, err := dataset.PubTator(strings.NewReader(in), dataset.PublicRules("x", "train"))
	if err != nil {
		t.Fatal(err)
	}
	e := examples[0].Only(dataset.Disease, dataset.Chemical)
	check(t, e)
	want := []schemas.Relation{{Type: "CID", Subject: 0, Object: 1, Sentence: -1, Score: 1}}
	if diff := cmp.Diff(want, e.Gold.Relations); diff != "" {
		t.Error(diff)
	}
	if len(examples[0].Gold.Mentions) != 3 || len(examples[0].Types) != 3 {
		t.Error("the original changed")
	}
}

func TestHeldOut(t *testing.T) {
	doc := func(pmid schemas.PMID, title string) *schemas.Document {
		return &schemas.Document{PMID: pmid, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: title}}}
	}
	long := "A title that is long enough to tell"
	examples := []dataset.Example{
		{Split: "train", Doc: doc(1, "Kept")},
		{Split: "train", Doc: doc(2, "Same number")},
		{Split: "train", Doc: doc(3, "A TITLE, that is long-enough to tell!")},
		{Split: "train", Doc: doc(0, "Reply")},
		{Split: "dev", Doc: doc(2, long)},
		{Split: "dev", Doc: doc(0, "Reply")},
	}
	got := dataset.NewHeldOut(examples).Training(examples)
	if len(got) != 2 || got[0].Doc.PMID != 1 || got[1].Doc.Title() != "Reply" {
		t.Errorf("kept %d: %+v", len(got), got)
	}
}
