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

// TestPubTatorGolden compares the examples of testdata/general.PubTator with general.json.
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

// plain is an Example with the text of its spans.
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
		{"not PubTator", "hello\n", `line 1: want PMID|t|title, PMID|a|abstract, or at least 4 tab-separated ` +
			`fields, have "hello"`},
		{"annotation first", "1\t0\t1\ta\tGene\n", `line 1: annotation of document "1" before its text`},
		{"abstract first", "1|a|text\n", `line 1: abstract of document "1" before its title`},
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

// A document whose offsets match only as bytes is read as bytes.
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
